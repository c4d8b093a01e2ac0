import type { Call } from '../../model/call.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import { faultQueueOf } from '../../properties/page-requests/look.ts';
import { HWPT_ALLOC } from '../../spec/iommufd/constants.ts';
import { PAGE_RESPONSE, PGFAULT_BYTES, PGFAULT_PERM } from '../../spec/iommufd/page-faults.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { call, type UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';

/**
 * What a process does whose devices make page requests, and what they ask; null: something else, from the general moves.
 */
export function pageRequestWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (oneIn(3, draw)) return null;
  if (here === null || here.fd === null) return make('openIommufd', view, draw);
  return prepare(view, here, draw) ?? run(view, here, draw);
}

function make(name: UapiName, view: View, draw: Draw): Call | null {
  const move = MOVES[name];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

/** The next of the things that there must be before a process can be asked for pages. */
function prepare(view: View, here: Objects, draw: Draw): Call | null {
  if (view.bound.length === 0 || (view.bound.length === 1 && oneIn(12, draw)))
    return make(view.cdevs.length > view.bound.length ? 'vfioBind' : 'openCdev', view, draw);
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  if (here.faults.length === 0) return make('faultQueueAlloc', view, draw);
  if (capable(here).length === 0) return allocCapable(view, here, draw);
  return view.bound.some(({ device }) => faultQueueOf(view.world, device) !== null)
    ? null
    : attach(view, here, capable(here), draw);
}

/** HWPTs that hand page requests on. */
function capable(here: Objects): readonly number[] {
  return here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').fault !== null);
}

function allocCapable(view: View, here: Objects, draw: Draw): Call | null {
  if (here.devices.length === 0) return null;
  return call(view, 'hwptAlloc', {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, pick(here.devices, draw)),
    ptId: objectHandle(view, here, pick(here.ioases, draw)),
    flags: HWPT_ALLOC.FAULT_ID_VALID,
    faultId: objectHandle(view, here, pick(here.faults, draw)),
  });
}

function attach(view: View, here: Objects, to: readonly number[], draw: Draw): Call | null {
  const cdev = pickAny(view.bound, draw);
  const pt = pickAny(to, draw);
  if (cdev === undefined || pt === undefined || cdev.bound.ctx !== here.ctx) return null;
  return call(view, 'vfioAttach', { fd: fdHandle(view, cdev.fd), ptId: objectHandle(view, here, pt) });
}

function run(view: View, here: Objects, draw: Draw): Call | null {
  switch (draw(16)) {
    case 0:
      return attach(view, here, [...capable(here), ...here.ioases, ...here.pagings], draw);
    case 1:
      return allocCapable(view, here, draw);
    case 2:
      return make('vfioDetach', view, draw);
    case 3:
      return make(pick(['faultQueueAlloc', 'openCdev', 'vfioBind', 'destroy', 'close'], draw), view, draw);
    case 4:
    case 5:
    case 6:
    case 7:
      return read(view, draw);
    case 8:
    case 9:
    case 10:
      return answer(view, here, draw);
    default:
      return ask(view, draw);
  }
}

const { READ, WRITE } = PGFAULT_PERM;

const PERMISSIONS = [READ, READ | WRITE, WRITE];

function ask({ world }: View, draw: Draw): Call {
  const { id } = pick(world.platform.devices, draw);
  const args = { group: draw(2), address: BigInt(draw(4)) * 0x1000n, perm: pick(PERMISSIONS, draw) };
  return {
    actor: `device:${id}`,
    command: 'pageRequest',
    args: oneIn(3, draw) ? args : { ...args, last: true },
  };
}

/** Room for everything, or for one or two; now and then memory of which a part is there. */
function read(view: View, draw: Draw): Call | null {
  const fd = pickAny(view.faultFds, draw);
  if (fd === undefined) return null;
  const count = pick([8, 8, 8, 1, 2, 0], draw) * PGFAULT_BYTES;
  const args = { fd: fdHandle(view, fd), count };
  if (oneIn(4, draw)) return call(view, 'read', { ...args, writable: pick([0, 40, 60, 80], draw) });
  return call(view, 'read', oneIn(12, draw) ? { ...args, noMemory: true } : args);
}

/** Answers to what was read, to all of it or, out of its order, to one group, and now and then to what was not. */
function answer(view: View, here: Objects, draw: Draw): Call | null {
  const fd = pickAny(view.faultFds, draw);
  if (fd === undefined) return null;
  const { of } = view.world.files[view.process.fds[fd - FIRST_FD] ?? -1] ?? {};
  if (of?.kind !== 'fault' || of.ctx !== here.ctx) return null;
  const cookies = objectAt(here, of.id, 'fault').groups.flatMap(({ cookie }) => cookie ?? []);
  if (cookies.length === 0 || oneIn(8, draw)) cookies.push(1 + draw(3));
  const code = pick([...CODES, ...CODES, ...CODES, 3], draw);
  const answered = oneIn(3, draw) ? [pick(cookies, draw)] : cookies;
  const data = answered.map((cookie) => BigInt(cookie) | (BigInt(code) << 32n));
  const count = 8 * data.length;
  // Memory that is not there, or that ends too early.
  if (oneIn(8, draw))
    return call(view, 'write', { fd: fdHandle(view, fd), count, data: data.slice(0, draw(data.length)) });
  return call(view, 'write', { fd: fdHandle(view, fd), count, data });
}

const CODES = Object.values(PAGE_RESPONSE);
