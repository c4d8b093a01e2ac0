import type { Call } from '../../model/call.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { call } from './move.ts';
import { PAGE } from './values.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';

function pagesOf(here: Objects, id: number): readonly bigint[] {
  return objectAt(here, id, 'hwptPaging').dirty?.pages ?? [];
}

function areasOf(here: Objects, id: number): readonly Area[] {
  return objectAt(here, objectAt(here, id, 'hwptPaging').ioas, 'ioas').iopt.areas;
}

/** What of the log is asked for: one page of those that were written, or all of an area, so that others are left. */
function readLog(view: View, here: Objects, id: number, draw: Draw): Call {
  const page = pick(pagesOf(here, id), draw);
  const area = areasOf(here, id).find(({ start, last }) => start <= page && page <= last);
  const whole = area === undefined || oneIn(2, draw) ? { iova: page, length: PAGE } : rangeOf(area);
  return call(view, 'hwptGetDirtyBitmap', {
    fd: fdHandle(view, here.fd as number),
    hwptId: objectHandle(view, here, id),
    flags: draw(2),
    ...whole,
    pageSize: oneIn(6, draw) ? 2n * PAGE : PAGE,
  });
}

function rangeOf({ start, last }: Area): { readonly iova: bigint; readonly length: bigint } {
  return { iova: start, length: last - start + 1n };
}

/** A device that is on a domain which tracks writes to a page that is mapped there; null: none is. */
function writeThrough({ world }: View, here: Objects, id: number, draw: Draw): Call | null {
  const { devices } = world.platform;
  const on = devices.filter(({ group }) => {
    const domain = world.groups[group]?.domain;
    return domain?.kind === 'hwpt' && domain.ctx === here.ctx && domain.hwpt === id;
  });
  const device = pickAny(on, draw);
  const area = pickAny(areasOf(here, id), draw);
  if (device === undefined || area === undefined) return null;
  const pages = Number((area.last - area.start + 1n) / PAGE);
  const iova = area.start + BigInt(draw(Math.max(1, Math.min(pages, 8)))) * PAGE;
  return { actor: `device:${device.id}`, command: 'dma', args: { iova, write: true } };
}

/** Tracking of writes begins or ends, or what was written is asked for; null: neither, this time. */
export function dirtyWork(view: View, here: Objects, draw: Draw): Call | null {
  const logged = here.pagings.find((each) => pagesOf(here, each).length > 0);
  if (logged !== undefined && oneIn(3, draw)) return readLog(view, here, logged, draw);
  const tracking = here.pagings.find((each) => objectAt(here, each, 'hwptPaging').dirty?.tracking === true);
  const write = tracking === undefined || !oneIn(6, draw) ? null : writeThrough(view, here, tracking, draw);
  if (write !== null) return write;
  if (!oneIn(8, draw)) return null;
  const able = here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').dirty !== undefined);
  const id = pickAny(oneIn(12, draw) ? here.pagings : able, draw);
  if (id === undefined) return null;
  const hwpt = objectAt(here, id, 'hwptPaging');
  const on = { fd: fdHandle(view, here.fd as number), hwptId: objectHandle(view, here, id) };
  const isOn = hwpt.dirty?.tracking === true;
  if (!isOn || oneIn(3, draw))
    return call(view, 'hwptSetDirtyTracking', { ...on, flags: isOn && !oneIn(3, draw) ? 0 : 1 });
  const area = pickAny(objectAt(here, hwpt.ioas, 'ioas').iopt.areas, draw);
  if (area === undefined) return null;
  return call(view, 'hwptGetDirtyBitmap', {
    ...on,
    flags: draw(2),
    iova: area.start,
    length: oneIn(6, draw) ? PAGE : area.last - area.start + 1n,
    pageSize: pick([PAGE, PAGE, 2n * PAGE, 0n], draw),
  });
}
