import { step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import type { Result } from '../../model/world/result.ts';
import { VFIO_EXTENSION } from '../../spec/vfio/container.ts';
import { hasContainers } from '../platforms.ts';
import type { PairProperty, Run, Transition } from '../property.ts';

const { TYPE1V2, TYPE1_NESTING } = VFIO_EXTENSION;

function isNesting({ command }: Transition): boolean {
  return command.command === 'containerSetIommu' && command.args.type === TYPE1_NESTING;
}

function asV2(command: Command): Command {
  if (command.command !== 'containerSetIommu' || command.args.type !== TYPE1_NESTING) return command;
  return { ...command, args: { ...command.args, type: TYPE1V2 } };
}

/** Which stage translated is the one difference that there is to be. */
function withoutStage(result: Result): Result {
  if (!result.ok || result.out.stage === undefined) return result;
  const { stage: _, ...out } = result.out;
  return { ok: true, out };
}

/** A group behind an IOMMU whose driver does not know the attribute cannot be in a nesting container. */
function meetsNoSuchIommu({ initial, transitions }: Run): boolean {
  const { iommus = [], groups = [] } = initial.platform.legacy ?? {};
  return transitions.every(
    ({ command }) =>
      command.command !== 'groupSetContainer' ||
      iommus[groups[command.args.group]?.iommu ?? -1]?.nestingAttribute !== false,
  );
}

export const nestingContainerActsAsV2: PairProperty = {
  id: 'nesting-container-acts-as-v2',
  sentence:
    'Where the kernel offers nesting containers, one gives the same answers as a TYPE1v2 container, and its devices reach the same pages.',
  source:
    'seed 002, Jean-Philippe Brucker: "It acts like a VFIO_TYPE1v2_IOMMU, but also sets the DOMAIN_ATTR_NESTING on the IOMMU domain"',
  kind: 'pair',
  appliesTo: hasContainers,
  brokenBy: 'nesting-unmaps-as-v1',
  violated(run, rules) {
    // Where CHECK_EXTENSION says 0, as since Linux 6.12, there is no nesting container: to be refused one is as documented.
    if (!rules.legacy.containersNest) return null;
    if (!run.transitions.some(isNesting) || !meetsNoSuchIommu(run)) return null;
    let world = run.initial;
    for (const { command, result } of run.transitions) {
      const other = step(world, asV2(command), rules);
      if (!sameState(withoutStage(other.result), withoutStage(result)))
        return `${command.command} gave ${told(result)}, and with TYPE1v2 it gives ${told(other.result)}`;
      world = other.world;
    }
    return null;
  },
  witness: (run) =>
    meetsNoSuchIommu(run) && run.transitions.some((each) => isNesting(each) && each.result.ok),
};

function told(result: Result): string {
  if (!result.ok) return result.errno;
  const [name] = Object.keys(result.out);
  return name === undefined ? 'ok' : `${name} ${result.out[name]}`;
}
