import { composeRules } from '../../../model/rules.ts';
import type { SmmuArchitectureRules } from '../../../model/smmu/architecture/rules.ts';
import { ap1Ignored } from './ap1-ignored.ts';
import { aptableCheckedAtTable } from './aptable-checked-at-table.ts';
import { badSteBeyondSpan } from './bad-ste-beyond-span.ts';
import { bypassBeyondOas } from './bypass-beyond-oas.ts';
import { cdFetchAddressInDword2 } from './cd-fetch-address-in-dword-2.ts';
import { configurationFaultsRead } from './configuration-faults-read.ts';
import { firstConcatenatedTableOnly } from './first-concatenated-table-only.ts';
import { fullEventQueueIsGerror } from './full-event-queue-is-gerror.ts';
import { inputBeyondIasUnrecorded } from './input-beyond-ias-unrecorded.ts';
import { ipaKeepsLowBits } from './ipa-keeps-low-bits.ts';
import { lowerTableFaultsAsStage1 } from './lower-table-faults-as-stage-1.ts';
import { outputSizeCheckedLast } from './output-size-checked-last.ts';
import { reservedBlocksAccepted } from './reserved-blocks-accepted.ts';
import { s2HardwareUpdatesUnchecked } from './s2-hardware-updates-unchecked.ts';
import { s2InputBelowStartLevel } from './s2-input-below-start-level.ts';
import { s2ptwUnchecked } from './s2ptw-unchecked.ts';
import { s2t0szBoundedByS2ps } from './s2t0sz-bounded-by-s2ps.ts';
import type { SmmuDeviation } from './smmu-deviation.ts';
import { spanDoubled } from './span-doubled.ts';
import { stage1FieldsAlwaysChecked } from './stage-1-fields-always-checked.ts';

export type { SmmuDeviation } from './smmu-deviation.ts';

import { strwUnchecked } from './strw-unchecked.ts';
import { tableBaseTranslatedOnly } from './table-base-translated-only.ts';
import { tableSizeUnchecked } from './table-size-unchecked.ts';
import { tbi1FromTbi0 } from './tbi1-from-tbi0.ts';
import { ttbCutToIps } from './ttb-cut-to-ips.ts';
import { ttbsTranslatedWithCd } from './ttbs-translated-with-cd.ts';

/** Every known departure of QEMU 11's emulated SMMUv3 from the architecture. */
export const smmuQemu11Deviations: readonly SmmuDeviation[] = [
  ap1Ignored,
  aptableCheckedAtTable,
  badSteBeyondSpan,
  bypassBeyondOas,
  cdFetchAddressInDword2,
  configurationFaultsRead,
  firstConcatenatedTableOnly,
  fullEventQueueIsGerror,
  inputBeyondIasUnrecorded,
  ipaKeepsLowBits,
  lowerTableFaultsAsStage1,
  outputSizeCheckedLast,
  reservedBlocksAccepted,
  s2HardwareUpdatesUnchecked,
  s2InputBelowStartLevel,
  s2ptwUnchecked,
  s2t0szBoundedByS2ps,
  spanDoubled,
  stage1FieldsAlwaysChecked,
  strwUnchecked,
  tableBaseTranslatedOnly,
  tableSizeUnchecked,
  tbi1FromTbi0,
  ttbCutToIps,
  ttbsTranslatedWithCd,
];

/** The architecture with these deviations put over it. */
export function withDeviations(deviations: readonly SmmuDeviation[]): SmmuArchitectureRules {
  return composeRules(deviations).smmuArchitecture;
}

/** The rules of QEMU 11's emulated SMMUv3. */
export const smmuQemu11: SmmuArchitectureRules = withDeviations(smmuQemu11Deviations);
