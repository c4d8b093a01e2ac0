import type { Call } from '../../../model/call.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { MOVES } from '../moves.ts';
import type { View } from '../view.ts';
import {
  checkMap,
  checkRefs,
  createAccess,
  dirty,
  dmabuf,
  map,
  other,
  pin,
  readWrite,
  replaceIoas,
  unpin,
} from './memory.ts';
import {
  check,
  domain,
  event,
  invalidate,
  nested,
  pageFault,
  paging,
  pasid,
  queue,
  replace,
  vdevice,
  veventq,
  viommu,
} from './objects.ts';
import { general, MockView } from './view.ts';

/** What a process does that tests the kernel with mock devices; null: something else, from the general moves. */
export function mockWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (oneIn(12, draw)) return null;
  if (here === null || here.fd === null) {
    const move = MOVES.openIommufd;
    return move.weight(view) === 0 ? null : move.make(view, draw);
  }
  const on = new MockView(view, here, draw);
  return (oneIn(10, draw) ? null : prepare(on)) ?? pick(WORK, draw)(on);
}

/** Mock devices that a process has at a time, at most. */
const MOST_DEVICES = 3;

/** The next of the things that there must be before anything else makes sense. */
function prepare(on: MockView): Call | null {
  const { here } = on;
  if (here.ioases.length === 0) return general('ioasAlloc', on);
  if (here.devices.length === 0) return domain(on);
  if (on.areas().length === 0) return map(on);
  if (here.parents.length === 0) return paging(on);
  if (on.accesses().length === 0) return createAccess(on);
  if (oneIn(2, on.draw)) return null;
  if (here.viommus.length === 0) return viommu(on);
  if (here.vdevices.length === 0) return vdevice(on);
  if (here.veventqs.length === 0) return veventq(on);
  return here.nesteds.length === 0 ? nested(on) : null;
}

type Work = (on: MockView) => Call | null;

/** What it does, each as often as it says. */
const OFTEN: readonly (readonly [number, Work])[] = [
  [1, (on) => (on.here.devices.length < MOST_DEVICES ? domain(on) : replace(on))],
  [3, replace],
  [2, paging],
  [2, nested],
  [1, viommu],
  [1, vdevice],
  [1, queue],
  [1, (on) => (oneIn(3, on.draw) ? general('read', on) : event(on))],
  [2, invalidate],
  [3, map],
  [2, (on) => general(pick(['ioasUnmap', 'ioasCopy', 'ioasIovaRanges'], on.draw), on)],
  [1, (on) => general(pick(['ioasAlloc', 'ioasAllowIovas', 'option'], on.draw), on)],
  [2, (on) => general(pick(['destroy', 'destroy', 'close'], on.draw), on)],
  [1, createAccess],
  [3, pin],
  [1, unpin],
  [1, readWrite],
  [1, replaceIoas],
  [1, checkMap],
  [1, checkRefs],
  [2, dirty],
  [2, pageFault],
  [2, pasid],
  [1, dmabuf],
  [1, check],
  [1, other],
];

const WORK: readonly Work[] = OFTEN.flatMap(([times, work]) => Array.from({ length: times }, () => work));
