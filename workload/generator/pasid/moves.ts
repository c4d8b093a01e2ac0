import type { PasidCommandName } from '../../../model/pasid/command.ts';
import {
  type Given,
  MAX_PASID_BITS,
  MECHANISMS,
  sameContext,
  UNNUMBERED,
  type Unnumbered,
  VIOMMUS,
} from '../../../model/pasid/machine.ts';
import { INVALIDATIONS } from '../../../model/pasid/rules.ts';
import { type Draw, oneIn, pick, pickWhere } from '../choice.ts';
import type { PasidMove, PasidView } from './move.ts';

function assignedOf({ machine, index }: PasidView) {
  return machine.units[index] ?? null;
}

/** The guest that has the unit; where nobody has it, any. */
function guestOf(view: PasidView, draw: Draw): string {
  const { vms } = view.world.platform;
  const vm = assignedOf(view)?.vm;
  return `guest:${vm === undefined || oneIn(20, draw) ? pick(vms, draw) : vms[vm]}`;
}

/** Weights of what only a guest with a vIOMMU can do. */
function withViommu(weight: number): (view: PasidView) => number {
  return (view) => {
    const assigned = assignedOf(view);
    return assigned !== null && assigned.viommu !== 'none' ? weight : 1;
  };
}

/** A PASID that the unit's guest has, mostly. */
function drawPasid(view: PasidView, draw: Draw): number {
  const assigned = assignedOf(view);
  if (assigned === null || assigned.viommu !== 'pasids')
    return oneIn(8, draw) ? 1 + draw(view.platform.pasids) : 0;
  if (oneIn(3, draw)) return 0;
  const given = assigned.given.map(({ guest }) => guest);
  if (given.length > 0 && !oneIn(8, draw)) return pick(given, draw);
  return 1 + draw(oneIn(4, draw) ? view.platform.pasids : view.platform.guestPasids);
}

const assign: PasidMove = {
  weight: (view) => (assignedOf(view) === null ? 16 : 1),
  make({ world, unit, platform }, draw) {
    const vm = pick(world.platform.vms, draw);
    const viommu = oneIn(5, draw) ? 'none' : pick(VIOMMUS, draw);
    const mechanism = viommu === 'none' && !oneIn(6, draw) ? 'direct' : pick(MECHANISMS, draw);
    const asks = platform.hardware.allocation !== 'none' && unit.slice;
    const paravirtual = viommu === 'pasids' && (oneIn(5, draw) ? !asks : asks);
    return {
      actor: 'operator',
      command: 'assign',
      args: { unit: unit.id, vm, viommu, mechanism, paravirtual },
    };
  },
};

const unassign: PasidMove = {
  weight: (view) => (assignedOf(view) === null ? 1 : 4),
  make: ({ unit }) => ({ actor: 'operator', command: 'unassign', args: { unit: unit.id } }),
};

/** How large the PASID table is, and what requests without PASID get: mostly a large one with an entry for them. */
function tableArgs(draw: Draw): { readonly unnumbered?: Unnumbered; readonly pasidBits?: number } {
  if (!oneIn(3, draw)) return {};
  return { unnumbered: pick(UNNUMBERED, draw), pasidBits: pick(TABLE_BITS, draw) };
}

/** One entry, two, four, as many as there can be, and what no table has. */
const TABLE_BITS: readonly number[] = [0, 1, 1, 2, MAX_PASID_BITS, MAX_PASID_BITS, MAX_PASID_BITS + 1];

const writeContext: PasidMove = {
  weight: (view) => withViommu(assignedOf(view)?.guest.translates === false ? 14 : 2)(view),
  make: (view, draw) => ({
    actor: guestOf(view, draw),
    command: 'writeContext',
    args: { unit: view.unit.id, translates: !oneIn(6, draw), ...tableArgs(draw) },
  }),
};

const writePasidEntry: PasidMove = {
  weight: withViommu(12),
  make: (view, draw) => ({
    actor: guestOf(view, draw),
    command: 'writePasidEntry',
    args: {
      unit: view.unit.id,
      pasid: drawPasid(view, draw),
      present: !oneIn(4, draw),
      passThrough: oneIn(6, draw),
      table: draw(view.platform.guestTables),
    },
  }),
};

/** A stage-1 table: mostly one that the guest has given to a PASID of the unit. */
function drawTable(view: PasidView, draw: Draw): number {
  const entries = assignedOf(view)?.guest.entries ?? [];
  const table = oneIn(3, draw)
    ? undefined
    : pickWhere(entries, (entry) => entry?.present === true, draw)?.table;
  return table ?? draw(view.platform.guestTables);
}

const writeMapping: PasidMove = {
  weight: withViommu(14),
  make: (view, draw) => ({
    actor: guestOf(view, draw),
    command: 'writeMapping',
    args: {
      table: drawTable(view, draw),
      iova: draw(view.platform.iovaPages),
      valid: !oneIn(4, draw),
      page: draw(view.platform.ramPages),
    },
  }),
};

/** Whether the vIOMMU has not heard of the context entry yet. */
function isContextNew(view: PasidView): boolean {
  const assigned = assignedOf(view);
  return assigned !== null && !sameContext(assigned.read, assigned.guest);
}

const invalidate: PasidMove = {
  weight: (view) => withViommu(isContextNew(view) ? 30 : 18)(view),
  make: (view, draw) => ({
    actor: guestOf(view, draw),
    command: 'invalidate',
    args: {
      unit: view.unit.id,
      reach: oneIn(isContextNew(view) ? 2 : 3, draw) ? 'context' : pick(INVALIDATIONS, draw),
      pasid: drawPasid(view, draw),
      iova: draw(view.platform.iovaPages),
    },
  }),
};

const allocPasid: PasidMove = {
  weight: (view) => (assignedOf(view)?.paravirtual === true ? 8 : 1),
  make: (view, draw) => ({
    actor: guestOf(view, draw),
    command: 'allocPasid',
    args: { unit: view.unit.id },
  }),
};

/** Mostly one that its guest has set up. */
const freePasid: PasidMove = {
  weight: (view) => ((assignedOf(view)?.given.length ?? 0) > 0 ? 8 : 1),
  make: (view, draw) => {
    const assigned = assignedOf(view);
    const isSetUp = ({ guest }: Given): boolean => assigned?.guest.entries[guest] != null;
    const given = oneIn(4, draw) ? undefined : pickWhere(assigned?.given ?? [], isSetUp, draw);
    return {
      actor: guestOf(view, draw),
      command: 'freePasid',
      args: { unit: view.unit.id, pasid: given?.guest ?? drawPasid(view, draw) },
    };
  },
};

const request: PasidMove = {
  weight: (view) => (assignedOf(view) === null ? 1 : 5),
  make: (view, draw) => ({
    actor: `device:${view.unit.id}`,
    command: 'request',
    args: { iova: draw(view.platform.iovaPages), pasid: drawPasid(view, draw) },
  }),
};

/** What operators, guests and devices with PASIDs do. */
export const PASID_MOVES: { readonly [N in PasidCommandName]: PasidMove } = {
  assign,
  unassign,
  writeContext,
  writePasidEntry,
  writeMapping,
  invalidate,
  allocPasid,
  freePasid,
  request,
};
