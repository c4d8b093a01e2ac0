import type { IommuHardware } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import { objectionToContext } from '../architecture/context.ts';
import type { VtdFault } from '../architecture/outcome.ts';
import { objectionToEntry } from '../architecture/pasid-table.ts';
import { vtdArchitectureIntended } from '../architecture/rules.ts';
import { type VtdUnit, vtdUnitOf } from '../architecture/unit.ts';

/** No platform says how wide its addresses are: none of its units is narrower than what entries can hold. */
const HOST_BITS = 52;

interface Known {
  readonly unit: VtdUnit;
  readonly contexts: Map<string, VtdFault | null>;
  readonly entries: Map<string, ReturnType<typeof objectionToEntry>>;
}

const known = new WeakMap<IommuHardware, Known>();

function knownOf(hardware: IommuHardware): Known {
  let found = known.get(hardware);
  if (found === undefined) {
    const { cap = 0n, ecap = 0n } = hardware.vtd ?? {};
    const unit = vtdUnitOf({ cap, ecap, hostAddressWidth: HOST_BITS });
    found = { unit, contexts: new Map(), entries: new Map() };
    known.set(hardware, found);
  }
  return found;
}

/** A unit as its registers describe it. */
export function unitFor(hardware: IommuHardware): VtdUnit {
  return knownOf(hardware).unit;
}

/** Why a context entry serves nothing on a unit, each different one found once; null: it does. */
export function contextObjection(hardware: IommuHardware, words: Words): VtdFault | null {
  const { unit, contexts } = knownOf(hardware);
  const key = words.join();
  let objection = contexts.get(key);
  if (objection === undefined) {
    objection = objectionToContext(unit, words, unit.scalable, vtdArchitectureIntended);
    contexts.set(key, objection);
  }
  return objection;
}

/** As `contextObjection`, of a PASID table entry. */
export function entryObjection(hardware: IommuHardware, words: Words): ReturnType<typeof objectionToEntry> {
  const { unit, entries } = knownOf(hardware);
  const key = words.join();
  let objection = entries.get(key);
  if (objection === undefined) {
    objection = objectionToEntry(unit, words, vtdArchitectureIntended);
    entries.set(key, objection);
  }
  return objection;
}
