import { includesPage, outputOf } from '../../model/caches/pages.ts';
import { chooseContext } from '../../model/smmu/architecture/context.ts';
import { streamsOf } from '../../model/smmu/machine/streams.ts';
import { entryOf, tagOf, type View } from '../../model/smmu/machine/view.ts';
import { viewOf } from '../../model/smmu/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';

/** The IPA pages to which a guest's stage 1 may lead a page of a device's first stream, by everything that caches may hold. */
export function aimsOf(world: World, device: number, page: number): ReadonlySet<number> {
  const aims = new Set<number>();
  const stream = streamsOf(world.platform).find((each) => each.device === device);
  if (world.machine === null || stream === undefined) return aims;
  const view = viewOf(world);
  for (const ste of view.stes[stream.index] ?? []) {
    const entry = entryOf(world.platform, ste);
    if (entry.kind === 'stage2') aims.add(page);
    if (entry.kind !== 'nested') continue;
    const index = chooseContext(entry.contexts, undefined);
    if (index === 'bypass') aims.add(page);
    else if (typeof index === 'number')
      addThrough(aims, view, { stream: stream.index, index, tag: tagOf(stream.smmu, entry.vmid) }, page);
  }
  return aims;
}

interface Through {
  readonly stream: number;
  readonly index: number;
  readonly tag: number;
}

function addThrough(aims: Set<number>, view: View, { stream, index, tag }: Through, page: number): void {
  for (const { index: of, cd } of view.cds[stream] ?? []) {
    if (of !== index || cd === null) continue;
    for (const hit of [...(view.stage1.get(tag) ?? []), ...(view.nested.get(tag) ?? [])]) {
      if (!includesPage(hit, page) || (hit.asid !== null && hit.asid !== cd.asid)) continue;
      aims.add(outputOf({ first: hit.first, last: hit.last, out: hit.ipa }, page));
    }
  }
}
