import type { Override } from '../../../model/rules.ts';

/**
 * Where the answer of VFIO_DEVICE_ATTACH_IOMMUFD_PT cannot be written, the error path calls the operation that detaches
 * requests without PASID, whatever was attached. After an attach by PASID the PASID stays and the rest is detached. Read,
 * not recorded.
 */
export const failedAnswerDetachesRid: Override = {
  name: 'failed-answer-detaches-rid',
  kind: 'deviation',
  summary: 'an attach by PASID whose answer cannot be written detaches requests without PASID instead',
  source: 'Linux 7.2.13 vfio_df_ioctl_attach_pt(), F-5',
  rules: { iommufd: { failedAttachAnswer: 'ridDetached' } },
};
