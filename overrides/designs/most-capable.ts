import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import { fits } from '../../spec/vsmmu/fits.ts';
import { leastCommon } from '../../spec/vsmmu/least-common.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import type { Row } from '../table.ts';

/** In how many fields each of the others could not stand for this one. */
function lead(of: IdRegisterValues, others: readonly IdRegisterValues[]): number {
  return others.reduce((sum, other) => sum + fits(of, other).length - fits(other, of).length, 0);
}

/**
 * The machine's vSMMUs are like the pSMMU that is ahead of the others in most fields. A device whose pSMMU lacks
 * something of it gets its stage 1 walked by the VMM.
 */
export const registersMostCapable: Row = {
  name: 'registers-most-capable',
  kind: 'design',
  summary: "a vSMMU's ID registers are those of the most capable pSMMU present at boot, the rest is emulated",
  source: 'seed 003, Jason Gunthorpe: "pick the most capable physical IOMMU and software emulate the reset"',
  rules: {
    vmm: {
      registers(_properties, present) {
        const known = present.flatMap(({ registers }) =>
          registers === null ? [] : [leastCommon([registers], EMULATED_REGISTERS)],
        );
        const [first, ...others] = known;
        if (first === undefined) return null;
        return others.reduce((best, each) => (lead(each, known) > lead(best, known) ? each : best), first);
      },
      emulatesWhatCannotNest: true,
    },
  },
};
