import type { Override } from '../../model/rules.ts';

export const unisolatedMsiAllowed: Override = {
  name: 'unisolated-msi-allowed',
  kind: 'mutant',
  summary: 'devices are given away also where their writes can raise interrupts of others',
  source: 'made up, to break unsafe-interrupts-stay-with-host',
  rules: { msi: { unisolatedMsiIsRefused: false } },
};
