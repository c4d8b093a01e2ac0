import type { Unit } from '../platform/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { bind, boundPasids, takeTable, unbind } from './bind.ts';
import {
  type Assigned,
  EMPTY_STREAM,
  MECHANISMS,
  type Mechanism,
  NO_CONTEXT,
  VIOMMUS,
  type Viommu,
} from './machine.ts';
import { freeNumber } from './numbers.ts';
import { putStream, putUnit, unitNamed, type Work, work } from './work.ts';

/**
 * The operator gives a unit to a machine, whose guest has not set up anything yet: its requests bypass stage 1.
 * EINVAL: no such words, or a mechanism with nothing to do; EBUSY: it is taken; EOPNOTSUPP: this host cannot do it in
 * this way; ENOSPC: no PASID is left for a slice.
 */
export function assign(tx: Tx, args: CommandArgs['assign'], actor: string): Result {
  if (actor !== 'operator') return refused('EPERM');
  const vm = tx.world.platform.vms.indexOf(args.vm);
  return work(tx, (at) => {
    const unit = unitNamed(at, args.unit);
    if (unit < 0 || vm < 0) return refused('ENODEV');
    if (!isMechanism(args.mechanism) || !isViommu(args.viommu)) return refused('EINVAL');
    const { mechanism, viommu, paravirtual } = args;
    if (viommu === 'none' && mechanism !== 'direct') return refused('EINVAL');
    if (paravirtual && viommu !== 'pasids') return refused('EINVAL');
    if (isTaken(at, unit)) return refused('EBUSY');
    const { slice } = at.units[unit] as Unit;
    const asked = { slice, viommu, mechanism, paravirtual };
    const objection = at.rules.pasid.assignmentObjection(at.platform.hardware, asked);
    if (objection !== null) {
      at.effects.push({ kind: 'vmmRefusal', reason: objection });
      tx.keep = true;
      return refused('EOPNOTSUPP');
    }
    const tagged = slice && at.platform.hardware.slicesTagged;
    const pasid = tagged ? freeNumber(at, unit) : null;
    if (tagged && pasid === null) return refused('ENOSPC');
    putUnit(at, unit, { vm, viommu, mechanism, paravirtual, pasid, ...NOTHING_YET });
    for (const guest of boundPasids(at, unit)) bind(at, unit, guest);
    return done();
  });
}

const NOTHING_YET: Pick<Assigned, 'given' | 'guest' | 'read' | 'shadows'> = Object.freeze({
  given: [],
  guest: Object.freeze({ ...NO_CONTEXT, entries: Object.freeze([]) }),
  read: NO_CONTEXT,
  shadows: [],
});

function isMechanism(word: string): word is Mechanism {
  return (MECHANISMS as readonly string[]).includes(word);
}

function isViommu(word: string): word is Viommu {
  return (VIOMMUS as readonly string[]).includes(word);
}

/** A unit is taken with the function that it is a slice of, and a function with any slice of it. */
function isTaken(at: Work, unit: number): boolean {
  const { parent, slice } = at.units[unit] as Unit;
  return at.machine.units.some((assigned, other) => {
    if (assigned === null) return false;
    if (other === unit) return true;
    const its = at.units[other] as Unit;
    return its.parent === parent && its.slice !== slice && !at.rules.pasid.wholeAndSlicesTogether;
  });
}

/** The operator takes a unit back: every entry of it, every number, and what caches hold of them. */
export function unassign(tx: Tx, args: CommandArgs['unassign'], actor: string): Result {
  if (actor !== 'operator') return refused('EPERM');
  return work(tx, (at) => {
    const unit = unitNamed(at, args.unit);
    if (unit < 0) return refused('ENODEV');
    if (at.machine.units[unit] === null) return refused('ENOENT');
    takeTable(at, unit);
    for (const guest of boundPasids(at, unit)) unbind(at, unit, guest);
    putUnit(at, unit, null);
    const { parent } = at.units[unit] as Unit;
    const others = at.machine.units.some(
      (assigned, other) => assigned !== null && at.units[other]?.parent === parent,
    );
    if (!others) putStream(at, unit, EMPTY_STREAM);
    return done();
  });
}
