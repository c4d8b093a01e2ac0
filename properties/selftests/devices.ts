import type { CommandArgs } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import { anyObject, hex, objectIn, objectOf } from '../look.ts';
import type { Transition } from '../property.ts';
import type { At } from './look.ts';

/** What a mock device may lack or have: no dirty tracking, PASIDs. */
const DEVICE_FLAGS = 1 | 4;

/** Bytes that the kernel needs at least for a batch of pages. */
const LEAST_MEMORY = 12;

/** Pages that a dma-buf of a test has at most. */
const MOST_PAGES = 512;

/** ADD_RESERVED. */
function mockReserve({ ctx, context }: At, { ioasId, start, length }: CommandArgs['mockReserve']): Answer {
  if (length === 0n) return refusal('EINVAL');
  const last = start + length - 1n;
  if (last > ULONG_MAX) return refusal('EOVERFLOW');
  const ioas = objectOf(context, ioasId, 'ioas');
  if (ioas === null) return refusal('ENOENT');
  const { areas, allowed, reserved } = ioas.iopt;
  if ([...areas, ...allowed].some((each) => each.start <= last && start <= each.last))
    return refusal('EADDRINUSE');
  return {
    errno: null,
    wrongIn({ world }) {
      const kept = objectIn(world, ctx, ioasId, 'ioas')?.iopt.reserved ?? [];
      const isKept =
        kept.length === reserved.length + 1 &&
        kept.some((each) => each.start === start && each.last === last);
      return isKept ? null : `ADD_RESERVED of IOAS ${ioasId} does not keep ${hex(start)} to ${hex(last)}`;
    },
  };
}

/** MOCK_DOMAIN and MOCK_DOMAIN_FLAGS. What the attachment says against it is the business of others. */
function made(
  { world, ctx, context }: At,
  ptId: number,
  flags: number,
  { result: given }: Transition,
): Answer {
  if ((flags & ~DEVICE_FLAGS) !== 0) return refusal('EINVAL');
  const isFree = world.platform.devices.some(
    ({ mock }, device) => mock === flags && (world.mock?.devices[device] ?? null) === null,
  );
  if (!isFree) return refusal('ENOMEM');
  const pt = anyObject(context, ptId);
  if (pt === null) return refusal('ENOENT');
  if (pt.type !== 'ioas' || !given.ok) return null;
  const { platform } = world;
  return {
    errno: null,
    wrongIn({ world: after, result }) {
      const { outStdevId, outHwptId, outIdevId } = result.out;
      const object = objectIn(after, ctx, Number(outStdevId), 'selftest');
      const device = objectIn(after, ctx, Number(outIdevId), 'device');
      const group = platform.devices[device?.device ?? -1]?.group;
      const attach = after.contexts[ctx]?.groups.find((each) => each.group === group)?.attach ?? null;
      const isSo =
        object !== null &&
        object.devId === outIdevId &&
        platform.devices[object.device]?.mock === flags &&
        attach?.hwpt === outHwptId &&
        attach?.devices.includes(Number(outIdevId)) === true;
      return isSo ? null : `a mock device is to be made and attached to IOAS ${ptId}`;
    },
  };
}

function mockDomain(at: At, { ptId }: CommandArgs['mockDomain'], transition: Transition): Answer {
  return made(at, ptId, 0, transition);
}

function mockDomainFlags(
  at: At,
  { ptId, devFlags }: CommandArgs['mockDomainFlags'],
  transition: Transition,
): Answer {
  return made(at, ptId, devFlags, transition);
}

/** MOCK_DOMAIN_REPLACE, PASID_ATTACH and PASID_REPLACE: of what there is not. */
function withObject(
  { context }: At,
  { stdevId, ptId }: { readonly stdevId: number; readonly ptId: number },
): Answer {
  if (objectOf(context, stdevId, 'selftest') === null) return refusal('ENOENT');
  return anyObject(context, ptId) === null ? refusal('ENOENT') : null;
}

/** PASID_DETACH: what is not attached stays so. */
function mockPasidDetach(
  { ctx, world, context }: At,
  { stdevId, pasid }: CommandArgs['mockPasidDetach'],
): Answer {
  const object = objectOf(context, stdevId, 'selftest');
  if (object === null) return refusal('ENOENT');
  const group = world.platform.devices[object.device]?.group;
  return {
    errno: null,
    wrongIn({ world: after }) {
      const of = after.contexts[ctx]?.groups.find((each) => each.group === group);
      const on = pasid === 0 ? of?.attach : of?.pasids.find((each) => each.pasid === pasid);
      return on?.devices.includes(object.devId) === true
        ? `PASID_DETACH leaves PASID ${pasid} of device ${object.devId} attached`
        : null;
    },
  };
}

/** TRIGGER_IOPF: who asks is answered, or waits. */
function mockPageFault({ context }: At, { devId }: CommandArgs['mockPageFault']): Answer {
  return objectOf(context, devId, 'device') === null ? refusal('ENOENT') : { errno: null };
}

function mockEvent({ context }: At, { devId }: CommandArgs['mockEvent']): Answer {
  return objectOf(context, devId, 'device') === null ? refusal('ENOENT') : null;
}

function mockMemoryLimit(_at: At, { limit }: CommandArgs['mockMemoryLimit']): Answer {
  return limit < LEAST_MEMORY ? refusal('EINVAL') : { errno: null };
}

/** DMABUF_GET: whole pages. */
function mockDmabuf({ world, actor }: At, { length }: CommandArgs['mockDmabuf']): Answer {
  const page = Number(world.platform.kernel.pageSize);
  const pages = Math.ceil(length / page);
  if (pages === 0 || pages > MOST_PAGES) return refusal('EINVAL');
  return {
    errno: null,
    wrongIn({ world: after, result }) {
      const of = fileOf({ world: after }, actor, Number(result.out.fd))?.of;
      const is = of?.kind === 'dmabuf' ? after.pins?.dmabufs[of.dmabuf] : undefined;
      return is?.bytes === pages * page && !is.revoked
        ? null
        : `DMABUF_GET makes no dma-buf of ${pages} pages`;
    },
  };
}

/** DMABUF_REVOKE: either way nobody maps it then. */
function mockRevoke({ world, actor }: At, { dmabufFd, revoked }: CommandArgs['mockRevoke']): Answer {
  const of = fileOf({ world }, actor, dmabufFd)?.of;
  if (of === undefined) return refusal('EBADF');
  if (of.kind !== 'dmabuf') return refusal('EINVAL');
  const { dmabuf } = of;
  return {
    errno: null,
    wrongIn({ world: { pins } }) {
      if (pins?.dmabufs[dmabuf]?.revoked !== (revoked !== 0))
        return `dma-buf ${dmabuf} is to be ${revoked === 0 ? 'given again' : 'revoked'}`;
      return pins.mapped.some((each) => each.dmabuf === dmabuf)
        ? `dma-buf ${dmabuf} is mapped behind DMABUF_REVOKE`
        : null;
    },
  };
}

export const DEVICE_ANSWERS = {
  mockDmabuf,
  mockDomain,
  mockDomainFlags,
  mockEvent,
  mockMemoryLimit,
  mockPageFault,
  mockPasidAttach: withObject,
  mockPasidDetach,
  mockPasidReplace: withObject,
  mockReplace: withObject,
  mockReserve,
  mockRevoke,
} as const;
