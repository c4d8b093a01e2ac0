import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import { ringOf } from '../../model/vmm/ring.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { commandText } from '../iommufd/command-text.ts';
import { hasVsmmu } from '../platforms.ts';
import type { PairProperty, Run, Transition, Violation } from '../property.ts';
import { handedBy, unheard } from './handed-on.ts';
import { argsOf, vmOfCommand } from './look.ts';
import { essenceOf } from './own-command.ts';

/** An opcode that no command has: the kernel answers EIO, and how many of those before it were handled (entry_num). */
const NO_COMMAND: CommandPair = [0xffn, 0n];

/** GERROR.CMDQ_ERR, and CMDQ_CONS.ERR of CERROR_ILL. */
const COMMAND_ERROR = 1;
const CERROR_ILL = 1;
const ERR_SHIFT = 24;
const ERR_MASK = 0x7f;

/** What a guest's driver puts in the place of a command that failed. */
const SYNC: CommandPair = [0x46n, 0n];

/** The last steps of a run in which a guest's invalidations went to the kernel: so many are done again. */
const MOST_STEPS = 2;

function isSame([first, second]: CommandPair, other: CommandPair): boolean {
  return first === other[0] && second === other[1];
}

/** Rules under which the kernel refuses one command of a guest, whatever it is. */
function refusing(refused: CommandPair, rules: Rules): Rules {
  const { commandForKernel } = rules.vmm;
  return {
    ...rules,
    vmm: {
      ...rules.vmm,
      commandForKernel: (words, registers) =>
        isSame(words, refused) ? NO_COMMAND : commandForKernel(words, registers),
    },
  };
}

function candidates({ transitions }: Run): readonly Transition[] {
  return transitions
    .filter((each) => argsOf(each, 'issueCommands') !== null && handedIn(each).length > 0)
    .slice(-MOST_STEPS);
}

/** The guest's commands that went to the kernel in a step and are done. */
function handedIn({ effects }: Transition): readonly CommandPair[] {
  const handed = new Set<string>();
  for (const effect of effects)
    for (const words of handedBy(effect)?.commands ?? []) handed.add(essenceOf(words, true));
  if (handed.size === 0) return [];
  return effects.flatMap((effect) =>
    effect.kind === 'guestCommand' &&
    effect.done &&
    RANGES.some((has) => handed.has(essenceOf(effect.words, has)))
      ? [effect.words]
      : [],
  );
}

/** Of a vSMMU without range invalidation the fields of ranges are not handed on. */
const RANGES = [true, false];

function again({ before, command }: Pick<Transition, 'before' | 'command'>, rules: Rules): Transition {
  return { before, command, ...step(before, command, rules) };
}

function toldText([first, second]: CommandPair, done: boolean): string {
  return `${first},${second}${done ? '' : STOPS}`;
}

const STOPS = ' stops';
const SYNC_DONE = toldText(SYNC, true);

/** What became of a guest's commands in a step, in their order. */
function toldOf({ effects }: Transition): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'guestCommand' ? [toldText(effect.words, effect.done)] : [],
  );
}

function isAlike(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

/** Whether the guest reads of an illegal command, and CMDQ_CONS is as far on as there are commands done. */
function isStoppedAfter(done: number, stopped: Transition, index: number): boolean {
  const now = vmOfCommand(stopped.world, stopped)?.vsmmus[index]?.control;
  const old = vmOfCommand(stopped.before, stopped)?.vsmmus[index]?.control;
  if (now === undefined || old === undefined) return false;
  if (((now.GERROR ^ now.GERRORN) & COMMAND_ERROR) === 0) return false;
  if (((now.CMDQ_CONS >>> ERR_SHIFT) & ERR_MASK) !== CERROR_ILL) return false;
  const ring = ringOf(now.CMDQ_BASE, now.CMDQ_PROD, now.CMDQ_CONS, true);
  const from = ringOf(old.CMDQ_BASE, old.CMDQ_PROD, old.CMDQ_CONS, true);
  return ((ring.cons - from.cons) & (2 ** (ring.log2Size + 1) - 1)) === done;
}

/** What goes wrong if the kernel refuses one of the commands of a step, and the guest acknowledges that. */
function misled(transition: Transition, refused: CommandPair, rules: Rules): Violation {
  const { command } = transition;
  const { vsmmu } = command.args as { readonly vsmmu: number };
  const text = commandText(refused);
  const all = toldOf(transition);
  const at = all.indexOf(toldText(refused, true));
  const stopped = again(transition, refusing(refused, rules));
  if (!isAlike(toldOf(stopped), [...all.slice(0, at), toldText(refused, false)]))
    return `the kernel refuses ${text}, and the queue does not stop there`;
  if (!isStoppedAfter(at, stopped, vsmmu))
    return `the kernel refuses ${text}, and the guest does not read of CERROR_ILL there`;
  const guest = (name: 'acknowledge' | 'issueCommands', args: object, world: World): Transition =>
    again({ before: world, command: { actor: command.actor, command: name, args } as Command }, rules);
  const after = guest('acknowledge', { vsmmu }, stopped.world);
  const later = guest('issueCommands', { vsmmu, words: SYNC }, after.world);
  const rest = [SYNC_DONE, ...all.slice(at + 1)];
  // A later command of the rest may stop the queue again.
  const expected = rest.at(-1)?.endsWith(STOPS) === true ? rest : [...rest, SYNC_DONE];
  if (!isAlike([...toldOf(after), ...toldOf(later)], expected))
    return `${text} was refused, and what is behind it is not carried out after the guest has acknowledged that`;
  return unheard(stopped) ?? unheard(after) ?? unheard(later);
}

export const refusedInvalidationStopsTheQueue: PairProperty = {
  id: 'refused-invalidation-stops-the-queue',
  sentence:
    'Where the kernel refuses an invalidation of a guest, the commands before it are done, and the queue stops at it with CERROR_ILL. The commands behind it run once the guest has acknowledged the error.',
  source:
    'include/uapi/linux/iommufd.h: struct iommu_hwpt_invalidate, entry_num; IHI0070 7.1 (command queue errors)',
  kind: 'pair',
  appliesTo: hasVsmmu,
  brokenBy: 'refused-invalidations-passed-over',
  violated(run, rules) {
    for (const transition of candidates(run)) {
      for (const refused of handedIn(transition)) {
        const found = misled(transition, refused, rules);
        if (found !== null) return found;
      }
    }
    return null;
  },
  witness: (run) => candidates(run).some((each) => handedIn(each).length > 1),
};
