import type { StateProperty } from '../property.ts';
import { followsInterrupts } from './platforms.ts';

export const memoryHasOneStage2: StateProperty = {
  id: 'memory-has-one-stage-2',
  sentence:
    "The devices behind a vSMMU share one stage 2: one set of tables for the guest's memory, one VMID, one vIOMMU to hear its invalidations.",
  source: 'seed 004, Robin Murphy: "either we split the IOAS into two HWPTs to hold the different mappings"',
  kind: 'state',
  appliesTo: followsInterrupts,
  wish: true,
  brokenBy: 'doorbells-split-hwpts',
  violated(world) {
    for (const { name, vsmmus } of world.vms) {
      const index = vsmmus.findIndex(({ backings }) => backings.length > 1);
      const count = vsmmus[index]?.backings.length;
      if (count !== undefined) return `vSMMU ${index} of ${name} is backed by ${count} vIOMMUs`;
    }
    return null;
  },
  witness: (world) =>
    world.vms.some(({ vsmmus }) =>
      vsmmus.some(({ devices }) => devices.filter(({ place }) => place?.kind === 'nested').length > 1),
    ),
};
