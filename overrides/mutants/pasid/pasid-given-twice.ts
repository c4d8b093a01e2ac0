import type { Override } from '../../../model/rules.ts';

export const pasidGivenTwice: Override = {
  name: 'pasid-given-twice',
  kind: 'mutant',
  summary: 'a PASID that one slice has is given to another',
  source: 'breaks pasid-given-once',
  rules: { pasid: { pasidGivenTwice: true } },
};
