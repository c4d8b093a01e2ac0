import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replayRecording } from '../../../conformance/linux/replay.ts';
import { design } from '../../support/design.ts';

const RECORDED = design('kernel=linux-7.2,smmu=qemu-11');

const BDF = '0000:00:02.0';
const MEMORY = 0x2000_0000n;
const VIEW = 0x3000_0000n;
/** Where the IOAS has the file, and the process's memory. */
const [FILE, RAM] = ['0x10000', '0x20000'];

/** Little-endian words: 4 or 8 bytes each. */
function bytes(...words: readonly (readonly [4 | 8, number | bigint])[]): string {
  return words
    .map(([size, value]) => {
      const hex = BigInt(value)
        .toString(16)
        .padStart(size * 2, '0');
      return (hex.match(/../g) ?? []).reverse().join('');
    })
    .join('');
}

function ioctl(fd: number, name: string, nr: string, given: string, told: string): object {
  return { ev: 'ioctl', fd, name, nr, in: given, out: told, ret: 0, errno: 0 };
}

function same(fd: number, name: string, nr: string, given: string): object {
  return ioctl(fd, name, nr, given, given);
}

const ALL = 7;
const u32 = (value: number) => [4, value] as const;
const u64 = (value: number | bigint) => [8, value] as const;

/** A device on an IOAS that has a page of a file and a page of memory. */
const PREPARED = [
  { ev: 'setup', bdf: BDF, cdev: '/dev/vfio/devices/vfio0', grp: '2' },
  { ev: 'mmap', va: '0x20000000', len: '0x4000', prot: 'rw' },
  { ev: 'open', path: '/dev/iommu', ret: 3, errno: 0 },
  { ev: 'open', path: '/dev/vfio/devices/vfio0', ret: 4, errno: 0 },
  ioctl(
    4,
    'VFIO_BIND_IOMMUFD',
    '0x76',
    bytes(u32(16), u32(0), u32(3), u32(0)),
    bytes(u32(16), u32(0), u32(3), u32(1)),
  ),
  { ev: 'open', path: 'memfd:m', ret: 5, errno: 0 },
  ioctl(3, 'IOAS_ALLOC', '0x81', bytes(u32(12), u32(0), u32(0)), bytes(u32(12), u32(0), u32(2))),
  same(
    3,
    'IOAS_MAP_FILE',
    '0x8f',
    bytes(u32(40), u32(ALL), u32(2), u32(5), u64(0), u64(0x1000), u64(0x10000)),
  ),
  same(
    3,
    'IOAS_MAP',
    '0x85',
    bytes(u32(40), u32(ALL), u32(2), u32(0), u64(MEMORY), u64(0x1000), u64(0x20000)),
  ),
  ioctl(4, 'VFIO_ATTACH_PT', '0x77', bytes(u32(12), u32(0), u32(2)), bytes(u32(12), u32(0), u32(3))),
];

const move = (dir: 'from-mem' | 'to-mem', iova: string, len = 4) => ({
  ev: 'transfer',
  bdf: BDF,
  dir,
  iova,
  len,
});
const va = (address: bigint): string => `0x${address.toString(16)}`;

async function replayed(...lines: readonly object[]) {
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-')), 'made.jsonl');
  const all = [...PREPARED, ...lines].map((line, seq) => JSON.stringify({ seq, section: '', ...line }));
  writeFileSync(path, all.join('\n'));
  const { first, checked, agreed, skipped } = await replayRecording(path, RECORDED);
  return {
    first,
    missed: checked - agreed,
    after: skipped['after DMA with a file or registers'] ?? 0,
    checked,
  };
}

describe('DMA with memory of a file', () => {
  it('reaches the file and no memory of the process', async () => {
    const told = await replayed(
      { ev: 'store', va: va(MEMORY), hex: '11223344' },
      move('from-mem', RAM),
      { ev: 'store', va: va(MEMORY), hex: '00000000' },
      move('to-mem', FILE),
      { ev: 'load', va: va(MEMORY), hex: '00000000' },
      move('to-mem', RAM),
      { ev: 'load', va: va(MEMORY), hex: '11223344' },
    );
    expect(told).toEqual({ first: null, missed: 0, after: 0, checked: 10 });
  });

  it('gives what nobody knows, so that memory is not compared once the device wrote it there', async () => {
    const told = await replayed(
      move('from-mem', FILE),
      { ev: 'load', va: va(MEMORY), hex: '00000000' },
      move('to-mem', RAM),
      { ev: 'load', va: va(MEMORY), hex: 'deadbeef' },
      { ev: 'load', va: va(MEMORY), hex: '00000000' },
    );
    expect(told).toEqual({ first: null, missed: 0, after: 2, checked: 9 });
  });

  it('is forgotten with a whole buffer from elsewhere', async () => {
    const told = await replayed(move('from-mem', FILE), move('from-mem', RAM, 4096), move('to-mem', RAM), {
      ev: 'load',
      va: va(MEMORY),
      hex: '01000000',
    });
    expect(told.first).toMatchObject({ model: { hex: '00000000' } });
  });

  it('changes what the process sees of the file, which is memory of it until then', async () => {
    const view = [
      { ev: 'mmap', va: va(VIEW), len: '0x1000', prot: 'rw', fd: 5 },
      { ev: 'store', va: va(VIEW), hex: '55667788' },
      { ev: 'load', va: va(VIEW), hex: '55667788' },
    ];
    const told = await replayed(...view, move('to-mem', FILE), { ev: 'load', va: va(VIEW), hex: '00000000' });
    expect(told).toMatchObject({ first: null, missed: 0, checked: 9 });
  });

  it('and what is mapped of other files is skipped by its reason, with what depends on it', async () => {
    const told = await replayed(
      { ev: 'open', path: '/dev/zero', ret: 6, errno: 0 },
      { ev: 'mmap', va: va(VIEW), len: '0x1000', prot: 'rw', fd: 6 },
      { ev: 'store', va: va(VIEW), hex: '55667788' },
      { ev: 'load', va: va(VIEW), hex: '55667788' },
      same(
        3,
        'IOAS_MAP',
        '0x85',
        bytes(u32(40), u32(ALL), u32(2), u32(0), u64(VIEW), u64(0x1000), u64(0x30000)),
      ),
      { ev: 'load', va: va(MEMORY), hex: '00000000' },
    );
    expect(told).toMatchObject({ first: null, missed: 0, checked: 9 });
  });

  it('is not judged by a file that is mapped twice', async () => {
    const mapped = (at: bigint) => ({ ev: 'mmap', va: va(at), len: '0x1000', prot: 'rw', fd: 5 });
    const told = await replayed(
      mapped(VIEW),
      mapped(VIEW + 0x1000n),
      { ev: 'store', va: va(VIEW), hex: '55667788' },
      { ev: 'load', va: va(VIEW + 0x1000n), hex: '55667788' },
    );
    expect(told).toMatchObject({ first: null, missed: 0, checked: 8 });
  });
});
