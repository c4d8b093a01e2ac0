import type { Override } from '../../../model/rules.ts';

export const sliceUsesAnyPasid: Override = {
  name: 'slice-uses-any-pasid',
  kind: 'mutant',
  summary: 'a device lets a slice use whatever PASID its guest names',
  source: 'breaks slice-uses-given-pasids-only',
  rules: { pasid: { sliceUsesAnyPasid: true } },
};
