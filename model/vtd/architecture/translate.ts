import { decode } from '../../../spec/bits.ts';
import { ContextTt, legacyContext, scalableContext } from '../../../spec/vtd/entries.ts';
import { isInterrupt } from './address.ts';
import { conditions, reasonOf, type VtdCondition } from './condition.ts';
import { legacyConfiguration, scalableConfiguration, type VtdConfiguration } from './configuration.ts';
import { fetchContext, type RootTable, rootTableOf } from './context.ts';
import {
  type FlagUpdate,
  type ReadMemory64,
  type VtdFault,
  type VtdOutcome,
  type VtdRequest,
  vtdFault,
  WalkMemory,
} from './outcome.ts';
import { fetchPasidEntry, servingPasid } from './pasid-table.ts';
import { type VtdArchitectureRules, vtdArchitectureIntended } from './rules.ts';
import type { VtdUnit } from './unit.ts';
import { walkVtd } from './walk.ts';

/** The registers that a translation depends on. */
export interface VtdRegisterState {
  /** GSTS_REG.TES. */
  readonly enabled: boolean;
  /** RTADDR_REG as it was when the root table was last set. */
  readonly rootTable: bigint;
}

/** What serves a request, found in the tables. */
export interface Served {
  readonly kind: 'served';
  readonly configuration: VtdConfiguration;
  readonly fpd: boolean;
  readonly privileged: boolean;
  /** The PASID under which caches hold it; 0 in legacy mode. */
  readonly pasid: number;
}

/** What a unit does with a request, nothing cached (VT-d 3). */
export function translateVtd(
  unit: VtdUnit,
  registers: VtdRegisterState,
  request: VtdRequest,
  read: ReadMemory64,
  rules: VtdArchitectureRules = vtdArchitectureIntended,
): VtdOutcome {
  if (request.pasid === undefined && isInterrupt(request.address))
    return request.write ? { kind: 'interrupt' } : { kind: 'silent' };
  if (!registers.enabled) return { kind: 'translated', address: request.address, updates: [] };
  const root = rootTableOf(unit, registers.rootTable, rules);
  if (root.mode === 'abort') return { kind: 'silent' };
  const memory = new WalkMemory(read);
  const scalable = root.mode === 'scalable';
  const served = serve(unit, root, request, memory, rules);
  if (served.kind === 'fault') return reported(unit, scalable, served, memory, [], rules);
  return translateServed(unit, scalable, served, request, memory, rules);
}

/** The entry that serves a request: root, context, and in scalable mode PASID directory and table. */
export function serve(
  unit: VtdUnit,
  root: RootTable,
  request: VtdRequest,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): Served | VtdFault {
  if (root.mode === 'invalid') return vtdFault('tableMode', false);
  if (root.mode === 'legacy' && request.pasid !== undefined) return vtdFault('pasidInLegacyMode', false);
  const context = fetchContext(unit, root, request.sourceId, memory, rules);
  if ('kind' in context) return context;
  return root.mode === 'legacy'
    ? serveLegacy(context, request)
    : serveScalable(unit, context, request, memory, rules);
}

function serveLegacy(context: readonly bigint[], request: VtdRequest): Served | VtdFault {
  const { TT, FPD } = decode(legacyContext, context);
  const fpd = FPD === 1;
  if (request.translated === true) {
    if (TT !== ContextTt.WithDeviceTlb) return vtdFault('translatedBlocked', fpd);
    return trusted(fpd);
  }
  return {
    kind: 'served',
    configuration: legacyConfiguration(context),
    fpd,
    privileged: false,
    pasid: 0,
  };
}

function serveScalable(
  unit: VtdUnit,
  context: readonly bigint[],
  request: VtdRequest,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): Served | VtdFault {
  const { FPD, DTE } = decode(scalableContext, context);
  if (request.translated === true)
    return DTE === 0 ? vtdFault('translatedBlocked', FPD === 1) : trusted(FPD === 1);
  const pasid = servingPasid(unit, context, request, rules);
  if (typeof pasid !== 'number') return pasid;
  const entry = fetchPasidEntry(unit, context, pasid, memory, rules);
  if (entry.kind === 'fault') return entry;
  const configuration = scalableConfiguration(entry.words);
  const privileged = rules.privilegeIsTold && isPrivileged(context, request);
  const usesFirst = configuration.kind === 'first' || configuration.kind === 'nested';
  if (privileged && usesFirst && !configuration.first.supervisor)
    return vtdFault('supervisorNotEnabled', entry.fpd);
  return { kind: 'served', configuration, fpd: entry.fpd, privileged, pasid };
}

/** RID_PRIV says it of requests without a PASID. */
function isPrivileged(context: readonly bigint[], request: VtdRequest): boolean {
  if (request.pasid !== undefined) return request.privileged === true;
  return decode(scalableContext, context).RID_PRIV === 1;
}

/** A request that the device has translated: its address is the host's. */
function trusted(fpd: boolean): Served {
  return {
    kind: 'served',
    configuration: { kind: 'passThrough', domainId: 0 },
    fpd,
    privileged: false,
    pasid: 0,
  };
}

/** What becomes of a request once it is known what serves it. */
export function translateServed(
  unit: VtdUnit,
  scalable: boolean,
  { configuration, fpd, privileged }: Served,
  request: VtdRequest,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): VtdOutcome {
  const walked = walkVtd(unit, configuration, request, privileged, memory, rules);
  if (walked.kind === 'translation')
    return { kind: 'translated', address: walked.address, updates: memory.updates };
  const passed = 'passed' in walked ? walked.passed : [];
  return reported(unit, scalable, vtdFault(walked.condition, fpd), memory, passed, rules);
}

/** A fault as it is reported (VT-d 7.1.3, 7.2). */
export function reported(
  unit: VtdUnit,
  scalable: boolean,
  { condition, disabled }: VtdFault,
  memory: WalkMemory,
  permitted: readonly FlagUpdate[],
  rules: VtdArchitectureRules,
): VtdOutcome {
  return {
    kind: 'fault',
    reason: reasonUnder(unit, scalable, condition, rules),
    recorded: !(disabled && conditions[condition].qualified),
    updates: memory.updates,
    permitted,
  };
}

function reasonUnder(
  unit: VtdUnit,
  scalable: boolean,
  condition: VtdCondition,
  rules: VtdArchitectureRules,
): number {
  if (condition === 'interruptAddress')
    return reasonOf(condition, rules.interruptReasonIsOfMode ? scalable : unit.scalable);
  return reasonOf(condition, scalable && rules.scalableModeHasOwnReasons);
}
