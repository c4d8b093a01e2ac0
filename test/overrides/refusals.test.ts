import { describe, expect, it } from 'vitest';
import { attempt } from '../../checker/attempt.ts';
import { bootWorld } from '../../model/boot.ts';
import { bindResult, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { composeRules, type Rules } from '../../model/rules.ts';
import { KEEPS_PROGRESS } from '../../model/step.ts';
import type { CommandName } from '../../model/world/command.ts';
import { DESIGN_AXES, OVERRIDES, resolveDesign } from '../../overrides/index.ts';
import { anyCall } from '../../workload/generator/any.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { drawsFrom } from '../workload/generator/random-run.ts';

/**
 * What a refused command may change under an override although it may not under the intended rules: each is what the
 * override is about. STEPS tries more.
 */
const ITS_OWN: Readonly<Record<string, readonly CommandName[]>> = {
  // iopt_table_remove_domain() runs for the IOAS that the device did not get to: its reserved ranges go.
  'failed-replace-unreserves': ['vfioAttach'],
  'failed-replace-unreserves-old': ['vfioAttach'],
  // The answer cannot be written, so the attach is undone: of the RID, whatever was attached.
  'failed-answer-detaches-rid': ['vfioAttach'],
  // The queue's file is released when the call has returned with EFAULT, and until then it stays.
  'queue-file-released-late': ['veventqAlloc', 'faultQueueAlloc'],
  // The context loses a reference that the queue, which could not be handed out, had not taken.
  'fault-queue-put-twice': ['faultQueueAlloc'],
  // A plug that is refused leaves what it had made; a migration and a boot plug as well.
  'failed-plug-leaves-objects': ['plug', 'migrate', 'boot'],
  // The kernel's own: the event that the ITS lost is lost although the call was refused (F-15).
  'failed-message-loses-event': ['vfioSetIrqs'],
  // A plug whose part of a pSMMU cannot be made leaves what was made of it.
  'failed-backing-leaks': ['plug'],
  // OpenVMM fixes what later devices must have before the plug that may fail: the pin stays.
  'first-host-pinned': ['plug'],
  // A refused plug is taken back by unplugging, and with the last device the doorbells go, whoever had mapped them.
  'its-mmap': ['plug'],
  // The port of a device that was refused is known from then on, as QEMU's smmu_find_add_as() knows it.
  'renumber-keeps-vdevice': ['plug', 'migrate', 'boot'],
  // What unplugging leaves open is what a refused plug takes back by unplugging.
  'unplug-keeps-device-open': ['plug', 'migrate', 'unplug', 'boot'],
};

const SEED = Number(process.env.FC_SEED ?? 1);
const RUN = 40;
const RUNS = Math.max(1, Math.round(Number(process.env.STEPS ?? 0) / 400_000));

/** Commands that are refused and leave another world, in one run. */
function changing(scope: Scope, rules: Rules, draw: Draw): Set<CommandName> {
  const found = new Set<CommandName>();
  let world = bootWorld(scope.platform);
  let bindings = NO_BINDINGS;
  for (let at = 0; at < RUN; at++) {
    const generate = draw(3) === 0 ? anyCall : generateCall;
    const call = generate(scope, world, bindings, draw);
    const done = attempt(world, resolveCall(call, bindings), rules);
    if (!done.result.ok && done.world !== world && !KEEPS_PROGRESS.has(call.command)) found.add(call.command);
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
  }
  return found;
}

function notItsOwn(names: readonly string[], rules: Rules, scopes: readonly Scope[]): readonly string[] {
  const own = new Set(names.flatMap((name) => ITS_OWN[name] ?? []));
  const draw = drawsFrom(SEED);
  const found = new Set<string>();
  for (const scope of scopes)
    for (let run = 0; run < RUNS; run++)
      for (const command of changing(scope, rules, draw))
        if (!own.has(command)) found.add(`${command} on ${scope.name}`);
  return [...found];
}

describe('a refused command changes nothing but what an override is about', () => {
  const designs = DESIGN_AXES.flatMap((axis) => axis.values.map(({ name }) => `${axis.name}=${name}`));

  it.each([...designs, 'kernel=linux-7.2,vmm=qemu-11,smmu=qemu-11'])('under %s', (selector) => {
    const design = resolveDesign([selector]);
    if ('error' in design) throw new Error(design.error);
    const names = design.overrides.map(({ name }) => name);
    expect(notItsOwn(names, composeRules(design.overrides), SCOPES)).toEqual([]);
  });

  // A few scopes for each, or all of them would take minutes; over all overrides each scope has its turn.
  it.each(OVERRIDES.map((override, index) => [override.name, override, index] as const))(
    'under %s',
    (name, override, index) => {
      const scopes =
        RUNS > 1 ? SCOPES : [0, 7, 14].map((at) => SCOPES[(index + at) % SCOPES.length] as Scope);
      expect(notItsOwn([name], composeRules([override]), scopes)).toEqual([]);
    },
  );

  it('names overrides that there are', () => {
    const known = OVERRIDES.map(({ name }) => name);
    expect(Object.keys(ITS_OWN).filter((name) => !known.includes(name))).toEqual([]);
  });
});
