import type { Answer } from './answer.ts';
import { MSI_ANSWERS } from './msi.ts';
import { PASID_ANSWERS } from './pasid.ts';
import { VMM_ANSWERS } from './vmms.ts';
import { VSMMU_ANSWERS } from './vsmmu.ts';

export type { Answer, Shown } from './answer.ts';

/** What came out of each question, by its id. */
export const ANSWERS: Readonly<Record<string, Answer | undefined>> = {
  ...VSMMU_ANSWERS,
  ...PASID_ANSWERS,
  ...MSI_ANSWERS,
  ...VMM_ANSWERS,
};
