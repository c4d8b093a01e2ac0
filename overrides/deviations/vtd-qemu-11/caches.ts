import { deviation, type VtdDeviation } from './vtd-deviation.ts';

const no = () => false;

/** What is cached, and what a hit does. */
export const cacheDeviations: readonly VtdDeviation[] = [
  deviation(
    'vtd-hits-by-device',
    'The IOTLB is looked up by source id before any entry is read: a hit is served although root, context or PASID entry have changed and were invalidated.',
    'VT-d 6.2.5',
    { vtdArchitecture: { hitsGoByDomain: no() } },
  ),
  deviation(
    'vtd-hit-refused-silently',
    'A cached translation without the permission that is asked for refuses the access, and no fault is recorded.',
    'VT-d 6.2.5, 7.1',
    { vtdArchitecture: { hitWithoutPermissionFaults: no() } },
  ),
  deviation(
    'vtd-cached-context-skips-presence',
    'With a context entry cached, P of the PASID table entry is not looked at, and neither are its checks if FPD is set.',
    'VT-d SPT.2',
    { vtdArchitecture: { cachedContextChecksPresence: no() } },
  ),
  deviation(
    'vtd-too-many-levels-end',
    'With a context entry cached and FPD set, a PASID table entry with five or more levels of tables ends QEMU, if its top entry lets the access through.',
    'VT-d SPT.4; QEMU hw/i386/intel_iommu.c: vtd_sspte_nonzero_rsvd(), vtd_fspte_nonzero_rsvd()',
    { vtdArchitecture: { levelsAreBounded: no() } },
  ),
  deviation(
    'vtd-pass-through-sticky',
    'Pass-through is a switch of the device, set by its first access; it can outlive the entry that said so and the invalidation of that.',
    'VT-d 6.5.2',
    { vtdArchitecture: { passThroughCanBeInvalidated: no() } },
  ),
  deviation(
    'vtd-gone-pasid-entry-is-zeros',
    'Where an invalidation finds that a PASID table entry has gone that it has seen before, zeros are cached in its place: later invalidations by domain id find the device under 0, whatever its entry says, until TE or SRTP is written.',
    'VT-d 6.5.2.3; QEMU hw/i386/intel_iommu.c: vtd_pasid_cache_sync_locked()',
    { vtdArchitecture: { goneEntryIsForgotten: no() } },
  ),
  deviation(
    'vtd-caches-as-held',
    'The caches hold each context entry and each translated page that was used, until it is invalidated, and nothing else.',
    'VT-d 6.1: an implementation may cache anything that is valid',
    { vtdArchitecture: { cachesAreOpen: no() } },
  ),
];
