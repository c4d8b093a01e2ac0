import type { IommuHardware } from '../../model/platform/platform.ts';
import { attachmentOf } from '../../model/smmu/driver/domains.ts';
import { streamEntryOf } from '../../model/smmu/machine/stream-entry.ts';
import { type Stream, streamsOf } from '../../model/smmu/machine/streams.ts';
import type { World } from '../../model/world/world.ts';
import { mustStall } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { streamName } from './caches.ts';

/** The streams whose entry the host alone makes, with a stage 2, and that entry. */
function stage2Entries(world: World) {
  const { platform, machine } = world;
  if (machine === null || machine.work !== null) return [];
  return streamsOf(platform).flatMap((stream: Stream) => {
    const attachment = attachmentOf(world, platform.devices[stream.device]?.group ?? -1);
    if (attachment.kind === 'abort' || attachment.vmid === null) return [];
    if (attachment.nested !== null && attachment.nested.config !== 'bypass') return [];
    const words = machine.driver.streamTables[stream.smmu]?.[stream.streamId];
    return words === undefined ? [] : [{ stream, words }];
  });
}

export const stage2EntriesAreLegal: StateProperty = {
  id: 'stage2-entries-are-legal',
  sentence: 'An STE that the host writes for a stage-2 domain is legal: it does not give C_BAD_STE.',
  source: 'iommu/arm-smmu-v3: Match Stall behaviour for S2 (2024); IHI0070 5.2, STE.S2S',
  kind: 'state',
  brokenBy: 'stage2-never-stalls',
  appliesTo: mustStall,
  violated(world) {
    for (const { stream, words } of stage2Entries(world)) {
      const hardware = world.platform.iommus[stream.smmu] as IommuHardware;
      if (streamEntryOf(hardware, words.join(), words).kind === 'bad')
        return `the entry of ${streamName(world, stream)} is one that the SMMU refuses (C_BAD_STE)`;
    }
    return null;
  },
  witness: (world) => stage2Entries(world).length > 0,
};
