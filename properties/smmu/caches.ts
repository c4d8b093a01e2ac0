import type { Run } from '../../model/caches/pages.ts';
import type { Entry } from '../../model/smmu/machine/entry.ts';
import { type Stream, streamsOf } from '../../model/smmu/machine/streams.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';

/** What reports call a stream. */
export function streamName({ platform }: World, { device, streamId }: Stream): string {
  return `${platform.devices[device]?.id} (StreamID ${hex(BigInt(streamId))})`;
}

/** What reports call something that a cache holds. */
export function entryName(world: World, entry: Entry): string {
  const streamOf = (index: number) => streamName(world, streamsOf(world.platform)[index] as Stream);
  switch (entry.cache) {
    case 'ste':
      return `an old STE of ${streamOf(entry.stream)}`;
    case 'cd':
      return `an old CD ${entry.index} of ${streamOf(entry.stream)}`;
    case 'atc':
      return `a translation in the ATC of ${streamOf(entry.stream)}: ${runText(entry)}`;
    case 'tlb': {
      const asid = entry.holds === 'stage2' ? '' : entry.asid === null ? ', global' : `, ASID ${entry.asid}`;
      return `a ${KIND[entry.holds]} translation in the TLB (VMID ${entry.vmid}${asid}): ${runText(entry)}`;
    }
  }
}

const KIND = { stage1: 'stage-1', stage2: 'stage-2', nested: 'nested' } as const;

function runText({ first, last, out }: Run): string {
  const pages = last === first ? '' : ` (${last - first + 1} pages)`;
  return `page ${hex(BigInt(first))} to ${hex(BigInt(out))}${pages}`;
}
