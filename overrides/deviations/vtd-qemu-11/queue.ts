import { deviation, type VtdDeviation } from './vtd-deviation.ts';

const no = () => false;

/** The invalidation queue. */
export const queueDeviations: readonly VtdDeviation[] = [
  deviation(
    'vtd-queue-stays-on',
    'Clearing QIE does nothing unless the queue is empty and the last descriptor was a wait descriptor.',
    'VT-d 6.5.2, 11.4.4.1; QEMU hw/i386/intel_iommu.c: vtd_queued_inv_disable_check()',
    { vtdArchitecture: { queueStopsWhenTold: no() } },
  ),
  deviation(
    'vtd-queue-waits-for-tail',
    'When IQE is cleared, the queue does not go on before IQT is written again.',
    'VT-d 6.5.2.10; QEMU hw/i386/intel_iommu.c: vtd_handle_fsts_write()',
    { vtdArchitecture: { queueResumesWhenCleared: no() } },
  ),
  deviation(
    'vtd-bare-wait-refused',
    'A wait descriptor with none of SW, IF and FN is a queue error, although no bit of it is reserved.',
    'VT-d 6.5.2.8; QEMU hw/i386/intel_iommu.c: vtd_process_wait_desc()',
    { vtdArchitecture: { bareWaitIsTaken: no() } },
  ),
  deviation(
    'vtd-page-response-taken',
    'A page group response with PP is taken by a unit without page requests; one without PP is a queue error.',
    'VT-d 7.7, ECAP_REG.PRS; QEMU hw/i386/intel_iommu.c: vtd_process_page_group_response_desc()',
    { vtdArchitecture: { pageResponseNeedsRequests: no() } },
  ),
];
