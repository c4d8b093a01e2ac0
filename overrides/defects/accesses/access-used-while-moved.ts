import type { Override } from '../../../model/rules.ts';

export const accessUsedWhileMoved: Override = {
  name: 'access-used-while-moved',
  kind: 'defect',
  summary: 'an access is used while it is moved, without a look whether it is on an IOAS',
  source:
    'iommufd: Fix protection fault in iommufd_test_syz_conv_iova (CVE-2024-26785); there it was an ioctl of the selftests that did not look',
  rules: { accesses: { looksForIoas: false } },
};
