import type { Override } from '../../../model/rules.ts';
import { leastCommon } from '../../../spec/vsmmu/least-common.ts';
import { EMULATED_REGISTERS } from '../../../spec/vsmmu/registers.ts';

/** What every physical SMMU in front of a device of the machine can do, so that any of them may back any vSMMU. */
export const registersLeastCommon: Override = {
  name: 'registers-least-common',
  kind: 'design',
  summary: "a vSMMU's ID registers are the least common denominator of the pSMMUs present at boot",
  source: 'seed 003, Jacob Pan: "vIOMMU should check the least common denominator features before commit"',
  rules: {
    vmm: {
      registers(_properties, present) {
        const known = present.flatMap(({ registers }) => (registers === null ? [] : [registers]));
        return known.length === 0 ? null : leastCommon(known, EMULATED_REGISTERS);
      },
    },
  },
};
