import type { Override } from '../../../model/rules.ts';

export const wholeAndSlicesTogether: Override = {
  name: 'whole-and-slices-together',
  kind: 'mutant',
  summary: 'a function is given away as a whole while slices of it are in use',
  source: 'breaks requests-without-pasid-have-one-mapping',
  rules: { pasid: { wholeAndSlicesTogether: true } },
};
