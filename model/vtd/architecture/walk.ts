import { beyond, isInterrupt } from './address.ts';
import type { VtdCondition } from './condition.ts';
import type { FirstStage, SecondStage, VtdConfiguration } from './configuration.ts';
import { type RefusedWalk, type TranslateTable, walkFirstStage } from './first-stage.ts';
import { addressIn, isRefusedOutput, type Refused, refused, type VtdLeaf } from './leaf.ts';
import type { VtdRequest, WalkMemory } from './outcome.ts';
import type { VtdArchitectureRules } from './rules.ts';
import { walkSecondStage } from './second-stage.ts';
import type { VtdUnit } from './unit.ts';

/** A finished translation: the address, and the page that a cache may hold. */
export interface VtdTranslation {
  readonly kind: 'translation';
  readonly address: bigint;
  /** Null: passed through. */
  readonly leaf: VtdLeaf | null;
}

/** Translates a request as its entry says, nothing cached (VT-d 3.6 to 3.8). */
export function walkVtd(
  unit: VtdUnit,
  configuration: VtdConfiguration,
  request: VtdRequest,
  privileged: boolean,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): VtdTranslation | Refused | RefusedWalk {
  const { address, write } = request;
  switch (configuration.kind) {
    case 'passThrough':
      return passThrough(unit, request, rules);
    case 'second': {
      const leaf = walkSecondStage(unit, configuration.second, address, write, memory, rules);
      return finished(leaf, address, rules);
    }
    case 'first': {
      const access = { address, write, privileged };
      const leaf = walkFirstStage(unit, configuration.first, access, itself, memory, rules);
      return finished(leaf, address, rules);
    }
    case 'nested':
      return walkNested(unit, configuration.first, configuration.second, request, privileged, memory, rules);
  }
}

const itself: TranslateTable = (address) => address;

function finished<Refusal extends Refused>(
  leaf: VtdLeaf | Refusal,
  address: bigint,
  rules: VtdArchitectureRules,
): VtdTranslation | Refusal | Refused {
  if (leaf.kind === 'refused') return leaf;
  if (isRefusedOutput(leaf, address, rules)) return refused('interruptAddress');
  return { kind: 'translation', address: addressIn(leaf, address), leaf };
}

/** Requests with a PASID may not be passed through to the interrupt range; those without are messages there. */
function passThrough(
  unit: VtdUnit,
  { address, pasid }: VtdRequest,
  rules: VtdArchitectureRules,
): VtdTranslation | Refused {
  if (rules.passThroughIsBounded && (address & beyond(unit.hostBits)) !== 0n) return refused('beyondHost');
  if (pasid !== undefined && isInterrupt(address)) return refused('interruptAddress');
  return { kind: 'translation', address, leaf: null };
}

function walkNested(
  unit: VtdUnit,
  first: FirstStage,
  second: SecondStage,
  { address, write }: VtdRequest,
  privileged: boolean,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): VtdTranslation | Refused | RefusedWalk {
  const translateTable: TranslateTable = (table, top, forWrite) => {
    const found = walkSecondStage(unit, second, table, forWrite, memory, rules);
    if (found.kind === 'leaf') return addressIn(found, table);
    return refused(ofTable(found.condition, top, forWrite));
  };
  const guest = walkFirstStage(unit, first, { address, write, privileged }, translateTable, memory, rules);
  if (guest.kind === 'refused') return guest;
  const guestAddress = addressIn(guest, address);
  const host = walkSecondStage(unit, second, guestAddress, write, memory, rules);
  if (host.kind === 'refused') return host;
  const shift = Math.min(guest.shift, host.shift);
  const reached = addressIn(host, guestAddress);
  const leaf: VtdLeaf = {
    kind: 'leaf',
    output: reached - (reached % (1n << BigInt(shift))),
    shift,
    read: guest.read && host.read,
    write: guest.write && host.write,
  };
  return finished(leaf, address, rules);
}

/** SFS.5 to SFS.8: what a second stage's refusal of a first-stage entry is reported as. */
function ofTable(condition: VtdCondition, top: boolean, forWrite: boolean): VtdCondition {
  switch (condition) {
    case 'beyondSecondStage':
      return 'nestedTableBeyond';
    case 'secondRead':
      return top ? 'nestedTopTableRead' : 'nestedTableRead';
    case 'secondWrite':
      return forWrite ? 'nestedTableWrite' : condition;
    default:
      return condition;
  }
}
