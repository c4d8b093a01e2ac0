import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRun } from '../../../checker/random/engine.ts';
import { SMMU_MACHINE } from '../../../live/smmu/machine.ts';
import { movedToMachine } from '../../../live/smmu/moved.ts';
import { TABLES } from '../../../live/smmu/places.ts';
import { bootWorld } from '../../../model/boot.ts';
import { NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { composeRules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import { smmuQemu11Deviations } from '../../../overrides/deviations/smmu-qemu-11.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { emulated } from '../../../workload/scopes/emulated.ts';

const rules = composeRules(smmuQemu11Deviations);

const runs = fc.sample(
  arbitraryRun({ setting: { scope: emulated, rules }, generate: generateCall, steps: 12 }),
  { seed: 4, numRuns: 300 },
);

/** Where the DMAs of a run lead, or that they lead nowhere. */
function landings(platform: typeof emulated.platform, calls: (typeof runs)[number]): readonly unknown[] {
  let world = bootWorld(platform);
  return calls.flatMap((call) => {
    const { world: after, result } = step(world, resolveCall(call, NO_BINDINGS), rules);
    world = after;
    return call.command === 'emulatedDma' ? [result.ok ? (result.out.address ?? null) : null] : [];
  });
}

describe('a run of scope emulated on the machine of QEMU', () => {
  const moved = runs.map((calls) => ({ calls, there: movedToMachine(emulated.platform, calls, rules) }));

  it('is there for most', () => {
    const isThere = moved.filter(({ there }) => 'calls' in there);
    expect(isThere.length).toBeGreaterThan(runs.length / 2);
  });

  it('has every access lead to the same place, and is of what the machine has', () => {
    for (const { calls, there } of moved) {
      if (!('calls' in there)) continue;
      expect(landings(there.platform, [...there.calls])).toEqual(
        landings(emulated.platform, calls).map((address) =>
          typeof address === 'bigint' ? address + TABLES.first : address,
        ),
      );
      for (const call of there.calls)
        if (call.command === 'emulatedDma') expect(SMMU_MACHINE.moves.isOfMachine(call)).toBe(true);
    }
  });
});
