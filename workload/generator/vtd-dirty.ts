import type { Call } from '../../model/call.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { call } from './move.ts';
import { PAGE } from './values.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';

/** Tracking of writes begins or ends, or what was written is asked for; null: neither, this time. */
export function dirtyWork(view: View, here: Objects, draw: Draw): Call | null {
  if (!oneIn(8, draw)) return null;
  const able = here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').dirty !== undefined);
  const id = pickAny(oneIn(12, draw) ? here.pagings : able, draw);
  if (id === undefined) return null;
  const hwpt = objectAt(here, id, 'hwptPaging');
  const on = { fd: fdHandle(view, here.fd as number), hwptId: objectHandle(view, here, id) };
  const { tracking = false } = hwpt.dirty ?? {};
  if (!tracking || oneIn(3, draw))
    return call(view, 'hwptSetDirtyTracking', { ...on, flags: tracking && !oneIn(3, draw) ? 0 : 1 });
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
