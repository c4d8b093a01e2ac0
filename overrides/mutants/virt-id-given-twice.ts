import type { Override } from '../../model/rules.ts';

/** Shows that virtual StreamIDs are really looked at. */
export const virtIdGivenTwice: Override = {
  name: 'virt-id-given-twice',
  kind: 'mutant',
  summary: 'a virtual StreamID can stand for two devices of a vIOMMU',
  source: 'no such bug is known',
  rules: { iommufd: { virtIdIsUnique: false } },
};
