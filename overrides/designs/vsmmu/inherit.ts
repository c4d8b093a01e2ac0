import type { Override } from '../../../model/rules.ts';
import { leastCommon } from '../../../spec/vsmmu/least-common.ts';
import { EMULATED_REGISTERS } from '../../../spec/vsmmu/registers.ts';

/**
 * "Inherit from host": the first device behind the vSMMU decides, and then it stands. Nothing decides before there
 * is one, and a machine that arrives on another host asks the device there.
 */
export const registersInherited: Override = {
  name: 'registers-inherited',
  kind: 'design',
  summary: "a vSMMU's ID registers are those of the pSMMU in front of its first device",
  source: 'seed 000, Jason Gunthorpe: "what the smmu patches are doing now is inherit from host"',
  rules: {
    vmm: {
      registers(_properties, present) {
        const first = present.find(({ here, registers }) => here && registers !== null)?.registers ?? null;
        return first === null ? null : leastCommon([first], EMULATED_REGISTERS);
      },
    },
  },
};
