import { describe, expect, it } from 'vitest';
import type { Command } from '../../../model/world/command.ts';
import { allows, type MemoryChange } from '../../../model/world/memory/changes.ts';
import { selftestsMock } from '../../../workload/scopes/selftests-mock.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const change = (start: bigint, last: bigint, access: MemoryChange['access']): MemoryChange => ({
  start,
  last,
  access,
});

describe('what became of memory', () => {
  it.each<[string, readonly MemoryChange[], bigint, bigint, boolean, boolean]>([
    ['is as it was where nothing changed', [change(10n, 19n, 'none')], 20n, 29n, true, true],
    ['is gone where it was unmapped', [change(10n, 19n, 'none')], 15n, 29n, false, false],
    [
      'is there again where something was mapped over it',
      [change(10n, 19n, 'write'), change(10n, 19n, 'none')],
      10n,
      19n,
      true,
      true,
    ],
    ['is gone beside that', [change(10n, 14n, 'write'), change(10n, 19n, 'none')], 10n, 19n, true, false],
    ['can be read where it is read-only', [change(10n, 19n, 'read')], 10n, 19n, false, true],
    ['cannot be written there', [change(10n, 19n, 'read')], 10n, 19n, true, false],
  ])('%s', (_, changes, first, last, write, expected) => {
    expect(allows(changes, first, last, write)).toBe(expected);
  });
});

const VA = 0xffff_f6ff_9000n;
const PAGE = 0x1000n;
const IOVA = 0x100_0000n;
const on = (command: Line[0], args: NonNullable<Line[1]> = {}, as?: string): Line =>
  as === undefined ? [command, { fd: 'io', ...args }] : [command, { fd: 'io', ...args }, as];
const IO: readonly Line[] = [['openIommufd', {}, 'io'], on('ioasAlloc', {}, 'ioas')];
const map = (iova = IOVA, va = VA): Line =>
  on('ioasMap', { ioasId: 'ioas', flags: 7, userVa: va, length: PAGE, iova });
const domain: Line = on('mockDomain', { ptId: 'ioas' });
const becomes = (access: string, va = VA): Line => ['changeMemory', { va, length: PAGE, access }];
const answer = (lines: readonly Line[]): string =>
  outcome(play(selftestsMock.platform, [...IO, ...lines]).last.result);

describe('memory that a process unmaps', () => {
  it.each<[string, readonly Line[], string]>([
    ['cannot be pinned', [map(), becomes('none'), domain], 'EFAULT'],
    ['stays pinned', [map(), domain, becomes('none'), domain], 'ok'],
    ['cannot be mapped once there is a domain', [domain, becomes('none'), map()], 'EFAULT'],
    ['can be mapped before that', [becomes('none'), map()], 'ok'],
    [
      'is other memory if something is mapped there',
      [becomes('none'), becomes('write'), domain, map()],
      'ok',
    ],
    ['cannot be pinned for writing if it is read-only', [domain, becomes('read'), map()], 'EFAULT'],
    [
      'is copied from where it is pinned',
      [
        map(),
        domain,
        becomes('none'),
        on('ioasCopy', {
          dstIoasId: 'ioas',
          srcIoasId: 'ioas',
          flags: 7,
          length: PAGE,
          dstIova: IOVA + PAGE,
          srcIova: IOVA,
        }),
      ],
      'ok',
    ],
    [
      'is copied to where it cannot be pinned',
      [
        map(),
        becomes('none'),
        on('ioasAlloc', {}, 'other'),
        on('mockDomain', { ptId: 'other' }),
        on('ioasCopy', {
          dstIoasId: 'other',
          srcIoasId: 'ioas',
          flags: 7,
          length: PAGE,
          dstIova: IOVA,
          srcIova: IOVA,
        }),
      ],
      'EFAULT',
    ],
    [
      'cannot be pinned by an access',
      [
        map(),
        on('mockCreateAccess', { ioasId: 'ioas', flags: 1 }, 'access'),
        becomes('none'),
        on('mockPin', { accessFd: 'access', iova: IOVA, length: PAGE }),
      ],
      'EFAULT',
    ],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });

  it('is a range of addresses', () => {
    expect(answer([['changeMemory', { va: VA, length: 0n, access: 'none' }]])).toBe('EINVAL');
    const beyond: Command['command'] = 'changeMemory';
    expect(answer([[beyond, { va: 2n ** 64n - 1n, length: 2n, access: 'none' }]])).toBe('EINVAL');
  });
});
