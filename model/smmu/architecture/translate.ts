import { decode } from '../../../spec/bits.ts';
import { fits } from '../../../spec/smmuv3/address.ts';
import type { IdRegisterValues } from '../../../spec/smmuv3/id-registers.ts';
import { cr0, cr2, gbpa } from '../../../spec/smmuv3/registers.ts';
import type { Access, ReadMemory64 } from './access.ts';
import { configure, type StreamConfiguration } from './configuration.ts';
import { type Implementation, implementationOf } from './implementation.ts';
import { type IpaLookup, walkingIpas } from './ipa-lookup.ts';
import { type Outcome, translationFault } from './outcome.ts';
import { report } from './report.ts';
import { type SmmuArchitectureRules, smmuArchitectureIntended } from './rules.ts';
import type { AttributeOverrides } from './ste.ts';
import { fetchSte, type StreamTable, streamTableOf } from './stream-table.ts';
import { walk } from './walk.ts';

/** The registers that a translation depends on: 32-bit values, STRTAB_BASE 64-bit. */
export interface Registers extends IdRegisterValues {
  readonly CR0: number;
  readonly CR2: number;
  readonly GBPA: number;
  readonly STRTAB_BASE: bigint;
  readonly STRTAB_BASE_CFG: number;
}

/** An SMMU as its registers describe it, decoded once for many translations. */
export interface Smmu {
  readonly implementation: Implementation;
  readonly enabled: boolean;
  readonly gbpaAborts: boolean;
  readonly recordsBadStreamId: boolean;
  readonly streamTable: StreamTable;
}

export function smmuOf(registers: Registers): Smmu {
  return {
    implementation: implementationOf(registers),
    enabled: decode(cr0, [BigInt(registers.CR0)]).SMMUEN === 1,
    gbpaAborts: decode(gbpa, [BigInt(registers.GBPA)]).ABORT === 1,
    recordsBadStreamId: decode(cr2, [BigInt(registers.CR2)]).RECINVSID === 1,
    streamTable: streamTableOf(registers.STRTAB_BASE, registers.STRTAB_BASE_CFG),
  };
}

/** What the SMMU does with a transaction, nothing cached (IHI0070 3.3, 15). */
export function translate(
  smmu: Smmu,
  access: Access,
  read: ReadMemory64,
  rules: SmmuArchitectureRules = smmuArchitectureIntended,
): Outcome {
  const { implementation } = smmu;
  if (!smmu.enabled) return translateDisabled(smmu, access.address, rules);
  const ste = fetchSte(
    smmu.streamTable,
    implementation.idr1.SIDSIZE,
    rules.recordsBadStreamId(smmu.recordsBadStreamId),
    access.streamId,
    read,
    rules,
  );
  if (!('kind' in ste)) return translateThroughSte(ste, access, implementation, read, rules);
  return report(ste, access, 'configuration', rules);
}

/** SMMUEN = 0: GBPA aborts or bypasses, and nothing is ever recorded (IHI0070 3.11). */
export function translateDisabled(smmu: Smmu, address: bigint, rules: SmmuArchitectureRules): Outcome {
  const passes = !smmu.gbpaAborts && rules.bypassMayOutput(fits(address, smmu.implementation.oas));
  return passes ? { kind: 'translated', address } : { kind: 'silent', response: 'abort' };
}

/** What an enabled SMMU does with a transaction whose STE is known, nothing cached. */
export function translateThroughSte(
  steWords: readonly bigint[],
  access: Access,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules = smmuArchitectureIntended,
): Outcome {
  const lookup = walkingIpas(read, rules);
  const configuration = configure(steWords, access.substreamId, implementation, read, rules, lookup);
  switch (configuration.kind) {
    case 'fault':
      return report(configuration, access, 'configuration', rules);
    case 'unmodelled':
      return configuration;
    default:
      return translateConfigured(configuration, access, implementation, read, rules, lookup);
  }
}

/** What becomes of a transaction once its stream's configuration is known. */
export function translateConfigured(
  configuration: StreamConfiguration,
  incoming: Access,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): Outcome {
  if (configuration.kind === 'abort') return { kind: 'silent', response: 'abort' };
  const access = withOverrides(incoming, configuration.overrides);
  if (configuration.kind === 'bypass') return bypass(access, implementation, rules);
  const translation = walk(configuration, access, implementation, read, rules, lookup);
  return translation.kind === 'fault'
    ? report(translation, access, 'walk', rules)
    : { kind: 'translated', address: translation.address };
}

/** An address too large to be output is a stage-1 fault even where stage 1 is bypassed (IHI0070 3.4). */
export function bypass(access: Access, { oas }: Implementation, rules: SmmuArchitectureRules): Outcome {
  if (rules.bypassMayOutput(fits(access.address, oas)))
    return { kind: 'translated', address: access.address };
  const fault = translationFault('F_ADDR_SIZE', 1, 'IN', 0n, { recorded: true, response: 'abort' });
  return report(fault, access, 'walk', rules);
}

export function withOverrides(access: Access, { privileged, instruction }: AttributeOverrides): Access {
  if (privileged === null && instruction === null) return access;
  return {
    ...access,
    privileged: privileged ?? access.privileged,
    // INSTCFG applies to reads only: a write is always data.
    instruction: !access.write && (instruction ?? access.instruction),
  };
}
