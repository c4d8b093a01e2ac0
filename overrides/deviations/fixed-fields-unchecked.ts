import { nameOf } from '../../spec/vsmmu/field-rule.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import type { Row } from '../table.ts';

/** Fields that the vSMMU always advertises in the same way: 16-bit ASIDs, BBML 2, no stalls. */
const UNCHECKED: ReadonlySet<string> = new Set(['IDR0.ASID16', 'IDR0.STALL_MODEL', 'IDR3.BBML']);

/** linux/iommufd.h lists all three as to be compared. */
export const fixedFieldsUnchecked: Row = {
  kind: 'deviation',
  summary: 'ASID16, STALL_MODEL and BBML of a pSMMU are not compared with what the vSMMU advertises',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_check_hw_compatible()',
  rules: {
    vmm: {
      plugObjections: (registers, iommu) =>
        iommu.registers === null
          ? ['no SMMUv3']
          : fits(registers, iommu.registers)
              .filter(({ rule }) => !UNCHECKED.has(nameOf(rule)))
              .map(misfitText),
    },
  },
};
