import type { Override } from '../../model/rules.ts';

/** A guest that looks at CLASS took every fault for one of its CDs. */
export const eventClassNotEncoded: Override = {
  name: 'event-class-not-encoded',
  kind: 'defect',
  summary: 'every event has CLASS 0, which is CD',
  source: 'hw/arm/smmuv3: Fix encoding of CLASS in events (QEMU 2731ea049d)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { reportedClass: () => 'CD' } },
};
