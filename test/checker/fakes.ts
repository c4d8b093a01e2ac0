import type { Generate } from '../../checker/random/engine.ts';
import type { Selection } from '../../checker/record.ts';
import type { Call } from '../../model/call.ts';
import { intended } from '../../model/rules.ts';
import type { World } from '../../model/world/world.ts';
import type { Property, StateProperty, StepProperty } from '../../properties/property.ts';
import { oneSmmu } from '../../workload/scopes/one-smmu.ts';
import type { Scope } from '../../workload/scopes/scope.ts';

/** A small world of its own: contexts and IOASes only. */
export const tiny: Scope = { ...oneSmmu, name: 'tiny', summary: 'for tests of the checker itself' };

export const other: Scope = { ...tiny, name: 'other' };

export const asIntended: Selection = { rules: intended, design: { kernel: 'intended' }, defects: [] };

const ACTOR = `vmm:${tiny.platform.vms[0]}`;

export const open = (as: string): Call => ({ actor: ACTOR, command: 'openIommufd', args: {}, as });

export const alloc = (fd: string, as: string, args: Call['args'] = {}): Call => ({
  actor: ACTOR,
  command: 'ioasAlloc',
  args: { fd, ...args },
  as,
});

export const map = (fd: string, ioasId: string, args: Call['args'] = {}): Call => ({
  actor: ACTOR,
  command: 'ioasMap',
  args: { fd, ioasId, ...args },
});

export const destroy = (fd: string, id: string): Call => ({
  actor: ACTOR,
  command: 'destroy',
  args: { fd, id },
});

export const poll: Call = { actor: ACTOR, command: 'poll', args: {} };

/** Calls drawn without much sense. */
export const generateTiny: Generate = (_scope, _world, bindings, draw) => {
  const names = Object.keys(bindings);
  const fds = names.filter((name) => name.startsWith('fd'));
  const ids = names.filter((name) => name.startsWith('id'));
  const fd = fds[draw(fds.length)] ?? 'none';
  const id = ids[draw(ids.length)] ?? 'none';
  switch (draw(5)) {
    case 0:
      return open(`fd${fds.length}`);
    case 1:
    case 2:
      return alloc(fd, `id${ids.length}`, draw(4) === 0 ? { flags: draw(3) } : {});
    case 3:
      return destroy(fd, id);
    default:
      return map(fd, id, { flags: draw(8), userVa: 0x10_0000n, length: BigInt(draw(4)) << 12n });
  }
};

const documented = { sentence: 'a property for a test', source: 'test', brokenBy: 'nothing' } as const;

/** How many IOASes there are in all contexts. */
export function ioases(world: World): number {
  const objects = world.contexts.flatMap((context) => context?.objects ?? []);
  return objects.filter((object) => object?.type === 'ioas').length;
}

export function stateProperty(id: string, over: Partial<StateProperty>): StateProperty {
  return { ...documented, id, kind: 'state', violated: () => null, witness: () => true, ...over };
}

export function stepProperty(id: string, over: Partial<StepProperty>): StepProperty {
  return { ...documented, id, kind: 'step', violated: () => null, witness: () => true, ...over };
}

/** Violated by the third IOAS: one open and three allocations are the least that shows it. */
export const atMostTwoIoases: Property = stateProperty('at-most-two-ioases', {
  violated: (world) => (ioases(world) > 2 ? `there are ${ioases(world)} IOASes` : null),
  witness: (world) => ioases(world) > 0,
});

/** Violated by one command with one argument: opening and a flag. */
export const noFlags: Property = stepProperty('no-flags', {
  violated: ({ command, result }) =>
    command.command === 'ioasAlloc' && command.args.flags > 0 && !result.ok && result.errno === 'EOPNOTSUPP'
      ? 'a flag was refused'
      : null,
});

export const nothingHappens: Property = stateProperty('nothing-happens', { witness: () => false });
