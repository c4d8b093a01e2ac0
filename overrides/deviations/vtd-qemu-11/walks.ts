import { deviation, type VtdDeviation } from './vtd-deviation.ts';

const no = () => false;

/** First and second stage, pass-through. */
export const walkDeviations: readonly VtdDeviation[] = [
  deviation(
    'vtd-canonical-by-aw',
    "The first stage's canonical check goes by AW of the PASID table entry (0: 30 bits, 1: 39), which means nothing to a first stage.",
    'VT-d 3.6, SGN.1',
    { vtdArchitecture: { canonicalByLevels: no() } },
  ),
  deviation(
    'vtd-all-ones-not-fetched',
    'A paging entry with every bit set is treated as one that could not be fetched.',
    'VT-d SFS.1, SFS.4, LSL.1',
    { vtdArchitecture: { allOnesIsAnEntry: no() } },
  ),
  deviation(
    'vtd-permissions-at-each-level',
    'Permissions are checked at each level, before reserved bits and before deeper entries, and the accessed flag of a level is set although a deeper one faults.',
    'VT-d 3.6, 3.7',
    { vtdArchitecture: { permissionsComeLast: no() } },
  ),
  deviation(
    'vtd-dirty-flag-lost',
    'A write does not set the dirty flag of an entry whose accessed flag is set already.',
    'VT-d 3.6.2',
    { vtdArchitecture: { dirtyFlagIsAlwaysSet: no() } },
  ),
  deviation(
    'vtd-second-stage-flags-ignored',
    'SSADE is ignored: no flags are written in second-stage entries.',
    'VT-d 3.7.2',
    { vtdArchitecture: { secondStageFlagsAreWritten: no() } },
  ),
  deviation(
    'vtd-privilege-ignored',
    'RID_PRIV and SRE are ignored: every request has the rights of a user.',
    'VT-d 3.6.1',
    { vtdArchitecture: { privilegeIsTold: no() } },
  ),
  deviation(
    'vtd-snoop-bit-by-unit',
    'A unit that supports scalable mode accepts SNP in a second-stage page, also under a legacy root table.',
    'VT-d 9.10, ECAP_REG.SC',
    { vtdArchitecture: { snoopBitIsOfMode: no() } },
  ),
  deviation(
    'vtd-interrupt-range-by-page',
    'A page that touches the interrupt range is refused as a whole, whatever address in it is accessed.',
    'VT-d LGN.4, SGN.8',
    { vtdArchitecture: { interruptRangeIsExact: no() } },
  ),
  deviation(
    'vtd-pass-through-unbounded',
    "Pass-through has no end: addresses beyond the host's width are let through.",
    'VT-d 3.9, SGN.4',
    { vtdArchitecture: { passThroughIsBounded: no() } },
  ),
];
