import type { Override } from '../../model/rules.ts';

export const msiWindowNotReserved: Override = {
  name: 'msi-window-not-reserved',
  kind: 'defect',
  summary: 'the MSI window stays in the use of the IOAS, so that it can be given to RAM',
  source:
    'what a failed replace leaves in Linux 7.2.13 (recording smmuv3-findings, section F-2), from the start',
  rules: { msi: { windowIsReserved: false } },
};
