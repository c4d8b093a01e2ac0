import { describe, expect, it } from 'vitest';
import { Execution } from '../../checker/run.ts';
import { NOTHING } from '../../checker/watch.ts';
import { withDomain, withVmaster } from '../../model/host/device.ts';
import { copyContext, copyGroup, withIopt, withUsers, withVdevice } from '../../model/iommufd/copy.ts';
import { withAlignment, withAreas, withReserved } from '../../model/iommufd/iopt/table.ts';
import { intended } from '../../model/rules.ts';
import { copyProcess, copyWorld, withFileRefs } from '../../model/world/copy.ts';
import type { World } from '../../model/world/world.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';

function worldAfter(scope: Scope, steps: number): World {
  const execution = new Execution({ scope, rules: intended }, NOTHING);
  let state = 3;
  const draw = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return bound <= 1 ? 0 : (state >>> 8) % bound;
  };
  for (let n = 0; n < steps; n++)
    execution.apply(generateCall(scope, execution.world, execution.bindings, draw));
  return execution.world;
}

/** Each copy that is written out, with what it changes left as it was. */
function* unchangedCopies(world: World): Generator<readonly [object, object]> {
  yield [world, copyWorld(world)];
  for (const process of Object.values(world.processes)) yield [process, copyProcess(process)];
  for (const file of world.files) if (file !== null) yield [file, withFileRefs(file, file.refs)];
  for (const device of world.devices) yield [device, withVmaster(device, device.vmaster)];
  for (const group of world.groups) if (group !== null) yield [group, withDomain(group, group.domain)];
  for (const context of world.contexts) {
    if (context === null) continue;
    yield [context, copyContext(context)];
    for (const group of context.groups) yield [group, copyGroup(group)];
    for (const slot of context.objects) {
      if (slot === null || slot.type === 'tombstone') continue;
      yield [slot, withUsers(slot, slot.users)];
      if (slot.type === 'device') yield [slot, withVdevice(slot, slot.vdevice, 0)];
      if (slot.type !== 'ioas') continue;
      const { iopt } = slot;
      yield [slot, withIopt(slot, iopt)];
      yield [iopt, withAreas(iopt, iopt.areas)];
      yield [iopt, withReserved(iopt, iopt.reserved)];
      yield [iopt, withAlignment(iopt, iopt.alignment, iopt.hugePagesDisabled)];
    }
  }
}

describe('a copy that is written out', () => {
  it.each(SCOPES)('leaves nothing out, in $name', (scope) => {
    for (const steps of [20, 40, 60]) {
      for (const [original, copy] of unchangedCopies(worldAfter(scope, steps))) {
        expect(copy).not.toBe(original);
        expect(copy).toStrictEqual(original);
      }
    }
  });
});
