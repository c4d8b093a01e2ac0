import { decode, maskOf } from '../../../spec/bits.ts';
import { ContextTt, legacyContext, rootEntry, scalableContext } from '../../../spec/vtd/entries.ts';
import { rootTableAddress, TableMode } from '../../../spec/vtd/registers.ts';
import { beyond } from './address.ts';
import { type VtdFault, vtdFault, type WalkMemory } from './outcome.ts';
import type { VtdArchitectureRules } from './rules.ts';
import { hasWidth, type VtdUnit } from './unit.ts';

/** What RTADDR_REG says: where the root table is, and what its entries look like. */
export interface RootTable {
  readonly mode: 'legacy' | 'scalable' | 'abort' | 'invalid';
  readonly address: bigint;
}

export function rootTableOf(unit: VtdUnit, rtaddr: bigint, rules: VtdArchitectureRules): RootTable {
  const { TTM, RTA } = decode(rootTableAddress, [rtaddr]);
  const address = rules.rootTableAddressIsWhole ? RTA : RTA & ~beyond(unit.hostBits);
  return { mode: modeOf(unit, TTM, rules), address };
}

function modeOf(unit: VtdUnit, mode: number, rules: VtdArchitectureRules): RootTable['mode'] {
  if (!rules.tableModeIsDecoded) return unit.scalable && (mode & 1) === 1 ? 'scalable' : 'legacy';
  switch (mode) {
    case TableMode.Legacy:
      return 'legacy';
    case TableMode.Scalable:
      return unit.scalable ? 'scalable' : 'invalid';
    case TableMode.AbortDma:
      return unit.abortDma ? 'abort' : 'invalid';
    default:
      return 'invalid';
  }
}

const DEVFN = 0xff;
/** In scalable mode each half of a root entry serves half of a bus. */
const HALF_BUS = 0x80;
const ROOT_MASK = maskOf(rootEntry)[0] ?? 0n;
const LEGACY_MASK = maskOf(legacyContext);
const SCALABLE_MASK = maskOf(scalableContext);

/** The words of the context entry of a source id, present and with no reserved bit set, or the fault (VT-d 3.4). */
export function fetchContext(
  unit: VtdUnit,
  { mode, address }: RootTable,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): readonly bigint[] | VtdFault {
  const devfn = sourceId & DEVFN;
  const root = memory.readAll(address + BigInt(sourceId >> 8) * 16n, 2);
  if (root === undefined) return vtdFault('rootAccess', false);
  const scalable = mode === 'scalable';
  const half = scalable && devfn >= HALF_BUS ? 1 : 0;
  const { P, CTP } = decode(rootEntry, [root[half] ?? 0n]);
  if (P === 0) return vtdFault('rootNotPresent', false);
  if (rootIsReserved(unit, root, scalable, half, rules)) return vtdFault('rootReserved', false);
  const words = memory.readAll(
    scalable ? CTP + BigInt(devfn % HALF_BUS) * 32n : CTP + BigInt(devfn) * 16n,
    scalable ? 4 : 2,
  );
  if (words === undefined) return vtdFault('contextAccess', false);
  return objectionToContext(unit, words, scalable, rules) ?? words;
}

/** Why a context entry serves nothing: it is absent, or not legal on this unit. */
export function objectionToContext(
  unit: VtdUnit,
  words: readonly bigint[],
  scalable: boolean,
  rules: VtdArchitectureRules,
): VtdFault | null {
  const [first = 0n] = words;
  const fpd = (first & 2n) !== 0n;
  if ((first & 1n) === 0n) return vtdFault('contextNotPresent', fpd);
  if (contextIsReserved(unit, words, scalable, rules))
    return vtdFault('contextReserved', fpd && rules.reservedContextIsQualified);
  return scalable || isLegalLegacy(unit, words) ? null : vtdFault('contextInvalid', fpd);
}

function rootIsReserved(
  unit: VtdUnit,
  root: readonly bigint[],
  scalable: boolean,
  half: number,
  rules: VtdArchitectureRules,
): boolean {
  const legal = ROOT_MASK & ~beyond(unit.hostBits);
  if (!scalable) return ((root[0] ?? 0n) & ~legal) !== 0n || root[1] !== 0n;
  if (rules.onlyUsedRootHalfIsChecked) return ((root[half] ?? 0n) & ~legal) !== 0n;
  return root.some((word) => (word & ~legal) !== 0n);
}

function contextIsReserved(
  unit: VtdUnit,
  words: readonly bigint[],
  scalable: boolean,
  rules: VtdArchitectureRules,
): boolean {
  const mask = scalable ? SCALABLE_MASK : LEGACY_MASK;
  if (words.some((word, index) => (word & ~(mask[index] ?? 0n)) !== 0n)) return true;
  if (((words[0] ?? 0n) & beyond(unit.hostBits)) !== 0n) return true;
  if (!scalable) return decode(legacyContext, words).DID >> unit.domainIdBits !== 0;
  if (!rules.contextFeaturesAreChecked) return false;
  const { DTE, PASIDE, PRE, RID_PRIV } = decode(scalableContext, words);
  return (
    (DTE === 1 && !unit.deviceTlb) ||
    (PASIDE === 1 && !unit.pasids) ||
    (PRE === 1 && !unit.pageRequests) ||
    (RID_PRIV === 1 && !unit.supervisorRequests)
  );
}

/** LCT.4: a width and a type that the unit has. */
function isLegalLegacy(unit: VtdUnit, words: readonly bigint[]): boolean {
  const { AW, TT } = decode(legacyContext, words);
  if (!hasWidth(unit, AW)) return false;
  switch (TT) {
    case ContextTt.Untranslated:
      return true;
    case ContextTt.WithDeviceTlb:
      return unit.deviceTlb;
    case ContextTt.PassThrough:
      return unit.passThrough;
    default:
      return false;
  }
}
