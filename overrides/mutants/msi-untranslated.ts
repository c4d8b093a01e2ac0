import type { Override } from '../../model/rules.ts';

export const msiUntranslated: Override = {
  name: 'msi-untranslated',
  kind: 'mutant',
  summary: 'an MSI is written without being translated',
  source: 'breaks unmapped-doorbell-faults-to-guest',
  rules: { msi: { msiIsTranslated: false } },
};
