import type { CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';
import type { Answer } from '../answers/answer.ts';
import { anyObject, objectIn } from '../look.ts';
import type { At } from './look.ts';

/** What the structs of the mock IOMMU look like (drivers/iommu/iommufd/iommufd_test.h). */
const TYPE = 0xdead_beef;
const NESTED_BYTES = 8;
const VIOMMU_BYTES = 12;
const ALL = 1;
const ENTRIES = 4;
const MOST_REQUESTS = 0x8_0000;

/** A request: whether everything goes, which entry, and of a vIOMMU which device. */
interface Request {
  readonly flags: number;
  readonly entry: number;
  readonly id: bigint;
}

/** IOMMU_HWPT_INVALIDATE of what is behind the mock IOMMU: how many requests were done, and what is left of caches. */
function hwptInvalidate(at: At, args: CommandArgs['hwptInvalidate']): Answer {
  const answer = (errno: Errno | null, entryNum: number): Answer => ({ errno, out: { entryNum } });
  const { entryNum, entryLen } = args;
  if (args.reserved !== 0) return answer('EOPNOTSUPP', 0);
  if (entryNum > 0 && (args.dataUptr === 'null' || entryLen === 0)) return answer('EINVAL', 0);
  if (entryNum > 0 && (BigInt(entryLen) > at.world.platform.kernel.pageSize || entryNum > MOST_REQUESTS))
    return answer('EINVAL', 0);
  const object = anyObject(at.context, args.hwptId);
  if (object === null) return answer('ENOENT', 0);
  if (object.type !== 'hwptNested' && object.type !== 'viommu') return answer('EINVAL', 0);
  if (args.dataType !== TYPE) return answer('EINVAL', 0);
  if (entryNum === 0) return answer(null, 0);
  if (args.dataUptr !== 'buffer') return null;
  if (object.type === 'viommu') return ofViommu(at, args);
  return ofNested(at, args, object.domain.config === 'mock' ? object.domain.iotlb : []);
}

/** One after the other. */
function ofNested({ ctx }: At, args: CommandArgs['hwptInvalidate'], iotlb: readonly number[]): Answer {
  let left = iotlb;
  let done = 0;
  let errno: Errno | null = null;
  for (; done < args.entryNum; done++) {
    const request = args.entryLen === NESTED_BYTES ? requestAt(args, done, NESTED_BYTES) : 'EINVAL';
    errno = typeof request === 'string' ? request : against(request);
    if (errno !== null || typeof request === 'string') break;
    left = cleared(left, request);
  }
  return {
    errno,
    out: { entryNum: done },
    wrongIn({ world }) {
      const nested = objectIn(world, ctx, args.hwptId, 'hwptNested');
      const held = nested?.domain.config === 'mock' ? nested.domain.iotlb : [];
      return isSame(held, left) ? null : `IOTLB of HWPT ${args.hwptId} holds ${held}, and is to hold ${left}`;
    },
  };
}

/** All are read before the first is done. */
function ofViommu({ world, context }: At, args: CommandArgs['hwptInvalidate']): Answer {
  const requests: Request[] = [];
  for (let nth = 0; nth < args.entryNum; nth++) {
    const request = requestAt(args, nth, VIOMMU_BYTES);
    if (typeof request === 'string') return { errno: request, out: { entryNum: 0 } };
    requests.push(request);
  }
  const caches = new Map<number, readonly number[]>();
  let done = 0;
  let errno: Errno | null = null;
  for (const request of requests) {
    const device = deviceOf(context, args.hwptId, request.id);
    errno = against(request) ?? (device === null ? 'EINVAL' : null);
    if (errno !== null || device === null) break;
    caches.set(device, cleared(caches.get(device) ?? cacheOf(world, device), request));
    done++;
  }
  return {
    errno,
    out: { entryNum: done },
    wrongIn({ world: after }) {
      for (let device = 0; device < after.platform.devices.length; device++) {
        const held = cacheOf(after, device);
        const left = caches.get(device) ?? cacheOf(world, device);
        if (!isSame(held, left)) return `the cache of device ${device} holds ${held}, and is to hold ${left}`;
      }
      return null;
    },
  };
}

function deviceOf({ objects }: At['context'], viommu: number, id: bigint): number | null {
  for (const each of objects) {
    if (each?.type !== 'vdevice' || each.viommu !== viommu || each.virtId !== id) continue;
    const device = objects[each.devId];
    return device?.type === 'device' ? device.device : null;
  }
  return null;
}

function cacheOf({ mock }: World, device: number): readonly number[] {
  return mock?.devices[device]?.cache ?? [];
}

/** A request of an array: what it is too short for is zeros, and what follows what the kernel knows must be. */
function requestAt(args: CommandArgs['hwptInvalidate'], nth: number, known: number): Request | Errno {
  const { entryLen } = args;
  const words = args.data ?? [];
  const start = nth * entryLen;
  const bytes: number[] = [];
  for (let at = 0; at < entryLen; at++) {
    const word = words[Math.floor((start + at) / 8)];
    if (word === undefined) return 'EFAULT';
    bytes.push(Number((word >> BigInt(((start + at) % 8) * 8)) & 0xffn));
  }
  if (bytes.slice(known).some((byte) => byte !== 0)) return 'E2BIG';
  const field = (at: number): number =>
    (bytes[at] ?? 0) +
    0x100 * (bytes[at + 1] ?? 0) +
    0x1_0000 * (bytes[at + 2] ?? 0) +
    0x100_0000 * (bytes[at + 3] ?? 0);
  return { flags: field(0), entry: field(known - 4), id: BigInt(field(4)) };
}

function against({ flags, entry }: Request): Errno | null {
  if (flags !== 0 && flags !== ALL) return 'EOPNOTSUPP';
  return entry >= ENTRIES ? 'EINVAL' : null;
}

function cleared(entries: readonly number[], { flags, entry }: Request): readonly number[] {
  return entries.map((value, at) => (flags === ALL || at === entry ? 0 : value));
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

export const INVALIDATION_ANSWERS = { hwptInvalidate } as const;
