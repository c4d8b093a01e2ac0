import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { TEST_BYTES, type TestName } from '../../spec/iommufd/selftest.ts';
import { withIopt } from '../iommufd/copy.ts';
import { noteWritten } from '../iommufd/dirty.ts';
import { reserve } from '../iommufd/iopt/reserved.ts';
import { bootMock, NOBODY } from '../iommufd/mock-state.ts';
import { getOf, putObject } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import type { Files, Handler, Handlers, Machine } from '../world/machine.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { createAccess, pin, readWrite, releaseAccess, replaceIoas, unpin } from './access.ts';
import { checkCache, checkIotlb, checkMap, checkRefs } from './checks.ts';
import { MOCK_COMMANDS } from './command.ts';
import { mockDomain, mockReplace, settleDevices } from './devices.ts';
import { mockDmabuf, mockRevoke } from './dmabuf.ts';
import { mockEvent, pageFault } from './faults.ts';
import { isThere } from './memory.ts';
import { mockPasidAttach, mockPasidCheck, mockPasidDetach, mockPasidReplace } from './pasid.ts';

/** Bytes that the kernel needs at least for what it keeps of pages (struct pfn_batch: an address and a number). */
const LEAST_MEMORY = 12;

/** Its own reading of IOMMU_TEST_CMD: kernels without selftests have no such number. */
function test<N extends TestName>(
  call: (tx: Tx, ctx: number, args: CommandArgs[N], actor: string) => Result,
): Handler<N> {
  return (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    if (file.of.kind !== 'iommufd' || tx.world.mock === null) return refused('ENOTTY');
    if (args.size < TEST_BYTES.MIN) return refused('EINVAL');
    if (args.size > TEST_BYTES.SIZE && args.trailing) return refused('E2BIG');
    return call(tx, file.of.ctx, args, actor);
  };
}

/** ADD_RESERVED. */
function mockReserve(tx: Tx, ctx: number, { ioasId, start, length }: CommandArgs['mockReserve']): Result {
  if (length === 0n) return refused('EINVAL');
  const last = start + length - 1n;
  if (last > ULONG_MAX) return refused('EOVERFLOW');
  const ioas = getOf(tx, ctx, ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  const iopt = reserve(ioas.iopt, start, last, NOBODY, tx.rules);
  if (typeof iopt === 'string') return refused(iopt);
  putObject(tx, ctx, ioasId, withIopt(ioas, iopt));
  return done();
}

/** SET_TEMP_MEMORY_LIMIT: in how many pieces pages are pinned, which no answer depends on. */
function memoryLimit(_tx: Tx, _ctx: number, { limit }: CommandArgs['mockMemoryLimit']): Result {
  return limit < LEAST_MEMORY ? refused('EINVAL') : done();
}

/** DIRTY: sets the dirty flags of pages that a bitmap has bits for. */
function mockDirty(tx: Tx, ctx: number, args: CommandArgs['mockDirty']): Result {
  const { iova, length, pageSize, uptr } = args;
  if (pageSize === 0n || length === 0n || iova % pageSize !== 0n || length % pageSize !== 0n || uptr === 0n)
    return refused('EINVAL');
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refused('ENOENT');
  if (hwpt.dirty?.tracking !== true) return refused('EINVAL');
  const most = length / pageSize;
  if (!isThere(tx, uptr, (most + 7n) / 8n)) return refused('EFAULT');
  const written: bigint[] = [];
  for (const [at, word] of (args.data ?? []).entries()) {
    for (let bit = 0n; bit < 64n && BigInt(at) * 64n + bit < most; bit++)
      if (((word >> bit) & 1n) !== 0n) written.push(iova + (BigInt(at) * 64n + bit) * pageSize);
  }
  noteWritten(tx, ctx, args.hwptId, written);
  return done({ outNrDirty: BigInt(written.length) });
}

const HANDLERS: Handlers<TestName> = {
  mockReserve: test<'mockReserve'>(mockReserve),
  mockDomain: test<'mockDomain'>((tx, ctx, { ptId }) => mockDomain(tx, ctx, ptId, 0)),
  mockCheckMap: test<'mockCheckMap'>(checkMap),
  mockCheckRefs: test<'mockCheckRefs'>((tx, _ctx, args) => checkRefs(tx, args)),
  mockCreateAccess: test<'mockCreateAccess'>(createAccess),
  mockUnpin: test<'mockUnpin'>((tx, _ctx, args, actor) => unpin(tx, args, actor)),
  mockPin: test<'mockPin'>((tx, _ctx, args, actor) => pin(tx, args, actor)),
  mockRw: test<'mockRw'>((tx, _ctx, args, actor) => readWrite(tx, args, actor)),
  mockMemoryLimit: test<'mockMemoryLimit'>(memoryLimit),
  mockReplace: test<'mockReplace'>(mockReplace),
  mockReplaceIoas: test<'mockReplaceIoas'>((tx, _ctx, args, actor) => replaceIoas(tx, args, actor)),
  mockDomainFlags: test<'mockDomainFlags'>((tx, ctx, { ptId, devFlags }) =>
    mockDomain(tx, ctx, ptId, devFlags),
  ),
  mockDirty: test<'mockDirty'>(mockDirty),
  mockCheckIotlb: test<'mockCheckIotlb'>(checkIotlb),
  mockPageFault: test<'mockPageFault'>(pageFault),
  mockCheckCache: test<'mockCheckCache'>(checkCache),
  mockEvent: test<'mockEvent'>(mockEvent),
  mockPasidAttach: test<'mockPasidAttach'>(mockPasidAttach),
  mockPasidReplace: test<'mockPasidReplace'>(mockPasidReplace),
  mockPasidDetach: test<'mockPasidDetach'>(mockPasidDetach),
  mockPasidCheck: test<'mockPasidCheck'>(mockPasidCheck),
  mockDmabuf: test<'mockDmabuf'>((tx, _ctx, args, actor) => mockDmabuf(tx, args, actor)),
  mockRevoke: test<'mockRevoke'>((tx, _ctx, args, actor) => mockRevoke(tx, args, actor)),
};

export const MOCK_FILES: Files<'mockAccess'> = {
  mockAccess: { release: (tx, of) => releaseAccess(tx, of) },
};

/** What iommufd's own selftests use: mock devices, and calls that look into the kernel. */
export const mock = {
  name: 'mock',
  commands: MOCK_COMMANDS,
  handlers: HANDLERS,
  facts: ['mock'],
  boot: ({ devices }) => ({
    mock: devices.some((device) => device.mock !== undefined) ? bootMock(devices.length) : null,
  }),
  settle(before, tx) {
    if (before.mock !== null && tx.world.contexts !== before.contexts) settleDevices(before, tx);
  },
} satisfies Machine;
