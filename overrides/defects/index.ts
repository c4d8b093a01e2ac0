import type { Override } from '../../model/rules.ts';
import { atcBeforeTlb } from './atc-before-tlb.ts';
import { detachKeepsAtc } from './detach-keeps-atc.ts';
import { gbpaNeedsVdevice } from './gbpa-needs-vdevice.ts';
import { iovaAlignOverflow } from './iova-align-overflow.ts';
import { lostHeaderCounted } from './lost-header-counted.ts';
import { s2UnmapKeepsNested } from './s2-unmap-keeps-nested.ts';
import { steDoublewordTorn } from './ste-doubleword-torn.ts';
import { steRangeUnaligned } from './ste-range-unaligned.ts';
import { steUpdateWithoutSafeBits } from './ste-update-without-safe-bits.ts';
import { tlbiWithoutVmid } from './tlbi-without-vmid.ts';
import { unbindLeavesVdevice } from './unbind-leaves-vdevice.ts';

/** Real bugs, fixed upstream, each as the smallest change of a rule that brings it back. */
export const DEFECTS: readonly Override[] = [
  iovaAlignOverflow,
  unbindLeavesVdevice,
  lostHeaderCounted,
  gbpaNeedsVdevice,
  tlbiWithoutVmid,
  s2UnmapKeepsNested,
  atcBeforeTlb,
  detachKeepsAtc,
  steRangeUnaligned,
  steDoublewordTorn,
  steUpdateWithoutSafeBits,
];
