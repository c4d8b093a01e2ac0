import type { ArgValue, Call } from '../../model/call.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import { type Binding, FIRST_FD, type OpenFile } from '../../model/world/process.ts';
import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { compatWork } from './compat.ts';
import { call, type UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { drawPages, PAGE } from './values.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';

/** What a process does that has a mediated device, and what that device's driver does. Null: something else. */
export function accessWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (oneIn(6, draw)) return null;
  if (here === null || here.fd === null) return make('openIommufd', view, draw);
  return (oneIn(10, draw) ? null : prepare(view, here, draw)) ?? run(view, here, draw);
}

function make(name: UapiName, view: View, draw: Draw): Call | null {
  const move = MOVES[name];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

interface MdevFile {
  readonly fd: number;
  readonly bound: Binding | null;
}

/** The process's files of a kind. */
function filesOf<K extends OpenFile['kind']>({ world, process }: View, kind: K) {
  return process.fds.flatMap((index, at) => {
    const of = index === null ? undefined : world.files[index]?.of;
    return of?.kind === kind ? [{ fd: at + FIRST_FD, of: of as Extract<OpenFile, { kind: K }> }] : [];
  });
}

function mdevsOf(view: View): readonly MdevFile[] {
  return filesOf(view, 'mdev').map(({ fd, of }) => ({ fd, bound: of.bound }));
}

/** The next of the things that there must be before a driver can pin anything. */
function prepare(view: View, here: Objects, draw: Draw): Call | null {
  const mdevs = mdevsOf(view);
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  if (mdevs.length === 0) return openMdev(view);
  const [{ fd, bound }] = mdevs as [MdevFile];
  if (bound === null) return bind(view, here, fd);
  if (!here.ioases.some((ioas) => areasOf(here, ioas).length > 0)) return map(view, here, draw);
  const access = accessIn(view, bound);
  return access?.ioas === null && access.moving === null ? attachMdev(view, here, draw) : null;
}

function areasOf(here: Objects, ioas: number): readonly Area[] {
  return objectAt(here, ioas, 'ioas').iopt.areas;
}

function accessIn({ world }: View, { ctx, devId }: Binding) {
  const slot = world.contexts[ctx]?.objects[devId];
  return slot?.type === 'access' ? slot : null;
}

function openMdev({ world, actor }: View): Call {
  return { actor, command: 'openCdev', args: { device: world.platform.mediated?.[0] ?? 'none' } };
}

function bind(view: View, here: Objects, fd: number): Call {
  return call(view, 'vfioBind', { fd: fdHandle(view, fd), iommufd: fdHandle(view, here.fd as number) });
}

/** Pages next to each other in few places, so that what runs on past an area meets another. */
function map(view: View, here: Objects, draw: Draw): Call | null {
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  const { start } = view.world.platform.userMemory[0] as { start: bigint };
  const { READABLE, WRITEABLE, FIXED_IOVA } = IOAS_MAP;
  const at = BigInt(draw(8)) * PAGE;
  return call(view, 'ioasMap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, pick(here.ioases, draw)),
    flags: FIXED_IOVA | READABLE | (oneIn(6, draw) ? 0 : WRITEABLE),
    userVa: start + at + (oneIn(24, draw) ? 0x800n : 0n),
    length: (oneIn(6, draw) ? drawPages(6, draw) : BigInt(1 + draw(3))) * PAGE,
    iova: 0x1_0000n + at,
  });
}

function attachMdev(view: View, here: Objects, draw: Draw): Call | null {
  const mdev = pickAny(mdevsOf(view), draw);
  const pt = pickAny(oneIn(12, draw) ? here.pagings : here.ioases, draw);
  if (mdev === undefined || pt === undefined) return null;
  const args = { fd: fdHandle(view, mdev.fd), ptId: objectHandle(view, here, pt) };
  if (!oneIn(3, draw)) return call(view, 'vfioAttach', args);
  return { actor: view.actor, command: 'mdevAttachBegins', args };
}

/** What meets an area that has no pages yet. */
const MEETS_MAP = ['ioasChangeProcess', 'ioasUnmap', 'ioasCopy', 'destroy'] as const;

function run(view: View, here: Objects, draw: Draw): Call | null {
  if (view.process.calls.some(({ what }) => what.call === 'mapFile') && oneIn(3, draw))
    return make(pick(MEETS_MAP, draw), view, draw);
  switch (draw(25)) {
    case 0:
      return map(view, here, draw);
    case 1:
    case 2:
      return make('ioasUnmap', view, draw);
    case 3:
      return make(
        pick(['ioasAlloc', 'ioasCopy', 'ioasIovaRanges', 'hwptAlloc', 'destroy', 'close', 'option'], draw),
        view,
        draw,
      );
    case 4:
      return attachMdev(view, here, draw);
    case 5:
      return detachMdev(view, draw);
    case 6:
    case 7:
    case 8:
      return domain(view, here, draw);
    case 9:
      return view.bound.length === 0 ? null : make('vfioDetach', view, draw);
    case 10:
      return exportBar(view, draw);
    case 11:
    case 12:
      return mapFile(view, here, draw);
    case 13:
      return make('vfioReset', view, draw);
    case 14:
    case 15:
      return view.process.calls.length === 0 || oneIn(2, draw) ? use(view, here, draw) : callEnds(view);
    case 16:
    case 17:
    case 18:
      return compatWork(view, here, draw);
    default:
      return use(view, here, draw);
  }
}

function callEnds({ actor }: View): Call {
  return { actor, command: 'callEnds', args: {} };
}

function detachMdev(view: View, draw: Draw): Call | null {
  const mdev = pickAny(mdevsOf(view), draw);
  return mdev === undefined ? null : call(view, 'vfioDetach', { fd: fdHandle(view, mdev.fd) });
}

/** The device behind the IOMMU comes to an IOAS, and pins all that is there. */
function domain(view: View, here: Objects, draw: Draw): Call | null {
  if (view.bound.length === 0) return make(view.cdevs.length === 0 ? 'openCdev' : 'vfioBind', view, draw);
  const pt = pickAny(oneIn(3, draw) ? here.pagings : here.ioases, draw);
  if (pt === undefined) return null;
  return call(view, 'vfioAttach', {
    fd: fdHandle(view, pick(view.bound, draw).fd),
    ptId: objectHandle(view, here, pt),
  });
}

function exportBar(view: View, draw: Draw): Call | null {
  const cdev = pickAny(view.cdevs, draw);
  if (cdev === undefined) return null;
  return { actor: view.actor, command: 'exportBar', args: { fd: fdHandle(view, cdev.fd) } };
}

function mapFile(view: View, here: Objects, draw: Draw): Call | null {
  const file = pickAny(filesOf(view, 'dmabuf'), draw);
  if (file === undefined) return exportBar(view, draw);
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  const { READABLE, WRITEABLE, FIXED_IOVA } = IOAS_MAP;
  // Container calls could cut in two what a dma-buf is behind.
  const compat = view.world.contexts[here.ctx]?.compatIoas ?? null;
  const ioas =
    compat !== null && here.ioases.includes(compat) && oneIn(2, draw) ? compat : pick(here.ioases, draw);
  const range = {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, ioas),
    fileFd: fdHandle(view, file.fd),
    length: oneIn(12, draw) ? 0x20_0000n : BigInt(1 + draw(2)) * PAGE,
    iova: 0x4_0000n + BigInt(draw(3)) * PAGE,
  };
  return view.process.calls.length < 2 && oneIn(3, draw)
    ? call(view, 'mapFileBegins', range)
    : call(view, 'ioasMapFile', { ...range, flags: FIXED_IOVA | READABLE | WRITEABLE });
}

/** The mediated device's driver at work: on what is mapped in the IOAS of its access, or anywhere. */
function use(view: View, here: Objects, draw: Draw): Call {
  const actor = `device:${view.world.platform.mediated?.[0] ?? 'none'}`;
  const access = mdevsOf(view).flatMap(({ bound }) =>
    bound === null ? [] : (accessIn(view, bound) ?? []),
  )[0];
  const pin = pickAny(access?.pins ?? [], draw);
  if (pin !== undefined && oneIn(4, draw))
    return {
      actor,
      command: 'mdevUnpin',
      args: { iova: pin.start, length: oneIn(12, draw) ? PAGE : pin.last - pin.start + 1n },
    };
  const ioas = access?.ioas ?? null;
  const area = pickAny(ioas === null || !here.ioases.includes(ioas) ? [] : areasOf(here, ioas), draw);
  const range = area === undefined || oneIn(12, draw) ? anywhere(draw) : within(area, draw);
  const args: Readonly<Record<string, ArgValue>> = { ...range, ...(oneIn(3, draw) ? { write: true } : {}) };
  const rw = access?.moving == null ? oneIn(4, draw) : !oneIn(4, draw);
  return { actor, command: rw ? 'mdevRw' : 'mdevPin', args };
}

function anywhere(draw: Draw): { iova: bigint; length: bigint } {
  return { iova: 0x1_0000n + BigInt(draw(16)) * 0x800n, length: BigInt(draw(6)) * 0x800n };
}

/** Some pages of an area; now and then on into what follows. */
function within({ start, last }: Area, draw: Draw): { iova: bigint; length: bigint } {
  const pages = Number((last - start) / PAGE) + 1;
  const first = draw(Math.min(pages, 4));
  const count = 1 + draw(Math.min(pages, 4) - first + (oneIn(6, draw) ? 1 : 0));
  return { iova: start + BigInt(first) * PAGE, length: BigInt(count) * PAGE };
}
