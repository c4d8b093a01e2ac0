import type { Override } from '../../../model/rules.ts';

/**
 * arm_vsmmu_convert_user_cmd() rewrites VMID and StreamID and passes every other bit of a guest's command on to the
 * pSMMU. One that stops at it with CERROR_ILL finds a SYNC in its place (__arm_smmu_cmdq_skip_err()), and the guest is
 * told that its invalidation has been handled. QEMU's SMMUv3 stops at SSec only.
 */
export const reservedCommandBitsPassed: Override = {
  name: 'reserved-command-bits-passed',
  kind: 'deviation',
  summary: 'a guest command with reserved bits or SSec set goes to the pSMMU, which may drop it unnoticed',
  source:
    'Linux 7.2.13 arm_vsmmu_convert_user_cmd(), arm_smmu_cmdq_skip_err(); recordings smmuv3-walks, where the kernel accepts them; IHI0070 4.1.3',
  rules: { smmuDriver: { refusesReservedCommandBits: false } },
};
