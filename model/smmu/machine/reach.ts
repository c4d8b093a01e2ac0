import type { Run } from '../../caches/pages.ts';
import type { World } from '../../world/world.ts';
import type { AtcEntry, TlbEntry } from './entry.ts';
import { cdCount } from './fetch.ts';
import { allowsAts, type StreamEntry } from './stream-entry.ts';
import type { Stream } from './streams.ts';
import { entryOf, HOST_VMID, tagOf, type View } from './view.ts';

/** A cached translation that DMA of a stream may use. */
export type Usable = TlbEntry | AtcEntry;

/**
 * Every translation that DMA of a stream may use, whatever address, direction and SubstreamID it has: by the tags of the
 * entries that the stream may be under, and for translated requests what the device may have kept.
 */
export function usableBy(world: World, view: View, stream: Stream): readonly Usable[] {
  const usable = new Set<Usable>();
  for (const ste of view.stes[stream.index] ?? []) {
    const entry = entryOf(world.platform, ste);
    for (const hit of usableThrough(view, stream, entry)) usable.add(hit);
  }
  return [...usable];
}

function usableThrough(view: View, stream: Stream, entry: StreamEntry): readonly Usable[] {
  const translated = allowsAts(entry) ? (view.atc[stream.index] ?? []) : [];
  return [...untranslated(view, stream, entry), ...translated];
}

function untranslated(view: View, stream: Stream, entry: StreamEntry): readonly Usable[] {
  switch (entry.kind) {
    case 'stage1':
      return nestedBy(view, stream, HOST_VMID, 1);
    case 'stage2':
      return view.stage2.get(tagOf(stream.smmu, entry.vmid)) ?? [];
    case 'nested': {
      const { contexts, vmid } = entry;
      const bypasses = contexts.log2Size > 0 && contexts.withoutSubstream === 'bypass';
      return [
        ...nestedBy(view, stream, vmid, cdCount(contexts)),
        ...(bypasses ? (view.stage2.get(tagOf(stream.smmu, vmid)) ?? []) : []),
      ];
    }
    default:
      return [];
  }
}

/** Nested translations under the ASID of any CD that the stream may have, and global ones. */
function nestedBy(view: View, stream: Stream, vmid: number, contexts: number): readonly TlbEntry[] {
  const asids = new Set<number | null>([null]);
  for (const { index, cd } of view.cds[stream.index] ?? [])
    if (cd !== null && index < contexts) asids.add(cd.asid);
  return (view.nested.get(tagOf(stream.smmu, vmid)) ?? []).filter(({ asid }) => asids.has(asid));
}

/** Whether every page of a run's output is among the outputs of other runs. */
export function isWithin({ first, last, out }: Run, allowed: readonly Run[]): boolean {
  let page = out;
  const end = out + (last - first);
  while (page <= end) {
    const at = page;
    const run = allowed.find((each) => each.out <= at && at <= each.out + (each.last - each.first));
    if (run === undefined) return false;
    page = run.out + (run.last - run.first) + 1;
  }
  return true;
}
