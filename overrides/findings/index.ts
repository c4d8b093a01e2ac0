import { LINUX_FINDINGS } from './linux.ts';
import { CLOUD_HYPERVISOR_FINDINGS, OPENVMM_FINDINGS, QEMU_FINDINGS } from './vmms.ts';

export { type Finding, KNOWN, type Known, SEVERITIES, type Severity } from './finding.ts';

/** What was judged of each disagreement of a real system with its documentation; a deviation that is not here is listed all the same. */
export const FINDINGS = [
  ...LINUX_FINDINGS,
  ...QEMU_FINDINGS,
  ...OPENVMM_FINDINGS,
  ...CLOUD_HYPERVISOR_FINDINGS,
];
