import type { Call } from '../../model/call.ts';
import { targetsOf } from '../../model/vtd/driver/targets.ts';
import { HWPT_INVALIDATE_DATA, MAX_ENTRIES } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { drawVa } from './guest.ts';
import { call } from './move.ts';
import { drawPages, PAGE } from './values.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';

/** Bytes of struct iommu_hwpt_vtd_s1_invalidate. */
const INVALIDATE_BYTES = 24;

/** log2 of the pages of the ranges that guests invalidate; their tables map 2^9. */
const MOST_BITS = 9;

/** What a guest must invalidate: a page of the table behind an HWPT. */
export interface Due {
  readonly hwpt: number;
  readonly start: bigint;
}

/** Pages that the guest has changed and that the unit has cached, with the HWPT of the table. */
export function dueIn({ world }: View, here: Objects): readonly Due[] {
  const found: Due[] = [];
  for (const entry of world.vtd?.stale ?? []) {
    if (entry.cache !== 'iotlb' || entry.holds !== 'final') continue;
    for (const device of world.platform.devices.keys()) {
      for (const { pasid, hwpt } of targetsOf(world, device)) {
        if (pasid !== entry.pasid || hwpt.ctx !== here.ctx || !here.nesteds.includes(hwpt.hwpt)) continue;
        found.push({ hwpt: hwpt.hwpt, start: BigInt(entry.first) * PAGE });
      }
    }
  }
  return found;
}

/** Some pages of what the guest uses, often those that it must; seldom what is no page, or everything. */
export function invalidate(view: View, here: Objects, draw: Draw): Call | null {
  if (here.nesteds.length === 0) return null;
  const due = oneIn(3, draw) ? undefined : pickAny(dueIn(view, here), draw);
  return invalidatePages(view, here, due, draw);
}

/** Those pages, or any, once or twice. */
export function invalidatePages(view: View, here: Objects, due: Due | undefined, draw: Draw): Call | null {
  const hwpt = due?.hwpt ?? pick(here.nesteds, draw);
  if (objectAt(here, hwpt, 'hwptNested').viommu !== null) return null;
  const data: bigint[] = [];
  for (let n = 1 + draw(2); n > 0; n--) {
    const everything = oneIn(6, draw);
    const pages = oneIn(3, draw) ? drawPages(MOST_BITS, draw) : BigInt(1 + draw(2));
    const about = due?.start ?? drawVa(draw);
    // The page may lie anywhere in the range: its first, its last, or between two powers of two.
    const before = BigInt(draw(Math.min(Number(pages), Number(about / PAGE) + 1)));
    const start = about - before * PAGE + (oneIn(4, draw) ? 0x234n : 0n);
    data.push(
      everything ? 0n : start,
      everything ? (1n << 64n) - 1n : pages,
      oneIn(24, draw) ? 2n : BigInt(draw(2)),
    );
  }
  return call(view, 'hwptInvalidate', {
    fd: fdHandle(view, here.fd as number),
    hwptId: objectHandle(view, here, hwpt),
    dataType: HWPT_INVALIDATE_DATA.VTD_S1,
    entryLen: INVALIDATE_BYTES,
    entryNum: oneIn(24, draw) ? MAX_ENTRIES + 1 : data.length / 3,
    data,
  });
}
