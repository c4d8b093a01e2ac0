import type { Override } from '../../../model/rules.ts';

export const contextReadInPart: Override = {
  name: 'context-read-in-part',
  kind: 'mutant',
  summary:
    'a VMM reads of a context entry whether it translates, and neither how large its table is nor what becomes of requests without PASID',
  source: 'breaks requests-go-where-guest-asked (IHI0070 5.2: STE.S1CDMax, S1DSS)',
  rules: { pasid: { contextIsReadWhole: false } },
};
