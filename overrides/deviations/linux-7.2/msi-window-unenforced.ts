import type { Override } from '../../../model/rules.ts';

/** 64 doorbells of 64 KiB pages take 4 MiB; what is reserved is 1 MiB. */
export const msiWindowUnenforced: Override = {
  name: 'msi-window-unenforced',
  kind: 'deviation',
  summary: 'doorbells are placed behind the end of the MSI window once it is full',
  source:
    'Linux 7.2.13 iommufd_sw_msi(): 64 pages at most, whatever their size; read in its source, in no recording',
  rules: { msi: { windowIsEnforced: false } },
};
