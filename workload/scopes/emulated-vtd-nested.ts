import { update } from '../../spec/bits.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import { emulatedVtd, emulatedVtdPlatform } from './emulated-vtd.ts';
import { VTD_RAM, VTD_SOURCES, VTD_STAMPED, vtdBootMemory } from './emulated-vtd-memory.ts';
import type { Scope } from './scope.ts';

const { cap: plainCap = 0n, ecap: plainEcap = 0n } = emulatedVtd.platform.emulatedVtd ?? {};

const only = ([word = 0n]: readonly bigint[]): bigint => word;

export const emulatedVtdNested: Scope = {
  name: 'emulated-vtd-nested',
  summary:
    "An emulated remapping unit of VT-d that nests, as none of the emulators does: a guest's first-stage tables behind second-stage tables, with flags in both.",
  adversary: 'guest',
  platform: {
    ...emulatedVtdPlatform({
      cap: only(update(cap, [plainCap], { ND: 2, SSLPS: 3, FS1GP: 1, FS5LP: 1 })),
      ecap: only(update(ecap, [plainEcap], { NEST: 1, PASID: 1, SSTS: 1, FSTS: 1, SSADS: 1, EAFS: 1 })),
      hostAddressWidth: 48,
      sourceIds: VTD_SOURCES,
      memory: vtdBootMemory('nested', 4),
      ram: { ...VTD_RAM, stamped: VTD_STAMPED },
    }),
    name: 'emulated-vtd-nested',
  },
};
