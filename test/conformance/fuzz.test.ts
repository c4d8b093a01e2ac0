import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../conformance/input-error.ts';
import { parseLine } from '../../conformance/linux/lines.ts';
import { replayRecording } from '../../conformance/linux/replay.ts';
import { readLines } from '../../conformance/read-lines.ts';
import { parseVectorFile } from '../../conformance/vectors/vector-file.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** What reading ends in: nothing, or the one error that says where and what. Every other error is a bug. */
async function complaintOf(read: () => unknown): Promise<string | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message;
  }
}

/** Whether no object has got anything that objects do not have. */
function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}

/** JSON as a stranger would send it: any value, with keys that reach prototypes among the usual ones. */
const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'ev', 'seq', 'section', 'fd', 'bufs'),
  fc.string({ maxLength: 8 }),
);
const { hostile } = fc.letrec<{ hostile: unknown }>((tie) => ({
  hostile: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, -1, 1e308, 2 ** 53, '', '0x0', 'ioctl', { polluted: 1 }),
    fc.string({ maxLength: 12 }),
    fc.array(tie('hostile'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('hostile')), { maxLength: 4 }).map((entries) => {
      // Object.fromEntries defines, so that JSON.stringify writes `__proto__` as a key.
      return Object.fromEntries(entries);
    }),
  ),
}));

const SETUP = {
  seq: 0,
  section: '',
  ev: 'setup',
  bdf: '0000:00:02.0',
  cdev: '/dev/vfio/devices/vfio0',
  grp: '2',
};
const OPEN = { seq: 1, section: 's', ev: 'open', path: '/dev/iommu', ret: 3, errno: 0 };

/** Lines that are nearly right: the right kinds and fields, with any value in some of them. */
const number = fc.oneof(fc.constantFrom(-1, 0, 3, 4, 5, 4095, 1 << 20, 0x7fffffff, 1.5), fc.integer());
const bytes = fc.oneof(
  fc.constantFrom('', '0c0000000000000001000000', '10000000000000000300000000000000', 'ffffffff', '0'),
  fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array).toString('hex')),
);
const address = fc.oneof(
  fc.constantFrom('0xfffff6ff9000', '0xfffff73f8fff', '0x0', '0xffffffffffffffff', '0x1000', 'x'),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => `0x${value.toString(16)}`),
);
const common = { seq: fc.integer(), section: fc.constantFrom('s', '__proto__') };
const buffer = fc.record({
  off: number,
  in: fc.oneof(bytes, fc.constantFrom('+8', '+1048576', '+99999999')),
});
const nearly = fc.oneof(
  fc.record({
    ...common,
    ev: fc.constant('ioctl'),
    fd: number,
    name: fc.constantFrom('VFIO_BIND_IOMMUFD', '__proto__'),
    nr: fc.integer({ min: 0, max: 255 }).map((nr) => `0x${nr.toString(16).padStart(2, '0')}`),
    in: bytes,
    out: bytes,
    bufs: fc.array(buffer, { maxLength: 2 }),
    ret: number,
    errno: number,
  }),
  fc.record({
    ...common,
    ev: fc.constant('open'),
    path: fc.constantFrom('/dev/iommu', '/dev/vfio/devices/vfio0', '__proto__'),
    ret: number,
    errno: number,
  }),
  fc.record({ ...common, ev: fc.constant('close'), fd: number, ret: number, errno: number }),
  fc.record({ ...common, ev: fc.constant('read'), fd: number, ret: number, errno: number, hex: bytes }),
  fc.record({ ...common, ev: fc.constant('poll'), fd: number, ret: number, revents: address }),
  fc.record({ ...common, ev: fc.constant('mmap'), va: address, len: address, fd: number }),
  fc.record({ ...common, ev: fc.constant('munmap'), va: address, len: address }),
  fc.record({ ...common, ev: fc.constant('store'), va: address, len: number, byte: number }),
  fc.record({ ...common, ev: fc.constant('store'), va: address, hex: bytes }),
  fc.record({ ...common, ev: fc.constant('load'), va: address, hex: bytes }),
  fc.record({
    ...common,
    ev: fc.constant('transfer'),
    bdf: fc.constantFrom('0000:00:02.0', '0000:00:09.0'),
    dir: fc.constantFrom('from-mem', 'to-mem'),
    iova: address,
    len: number,
  }),
  fc.record({ ...common, ev: fc.constant('msi'), fired: fc.boolean() }),
  fc.record({ ...SETUP_FIELDS(), grp: fc.constantFrom('2', '0', 'x', '-1', '__proto__') }),
);

function SETUP_FIELDS() {
  return {
    ...common,
    ev: fc.constant('setup'),
    bdf: fc.constantFrom('0000:00:02.0', '0000:09:00.0', 'ffff:ff:1f.7'),
    cdev: fc.constantFrom('/dev/vfio/devices/vfio0', '__proto__'),
  };
}

describe('a line of a recording', () => {
  test.prop([
    fc.oneof(
      fc.string(),
      fc.json(),
      hostile.map((value) => JSON.stringify(value)),
    ),
  ])('is read, or refused with its place', async (text) => {
    const complaint = await complaintOf(() => parseLine('file', 7, text));
    if (complaint !== null) expect(complaint).toMatch(/^file:7: /);
    expectCleanPrototypes();
  });
});

describe('a recording', () => {
  let count = 0;
  test.prop([fc.array(nearly, { maxLength: 8 })], { numRuns: 150 })(
    'is compared, or refused with its line',
    async (lines) => {
      const text = [SETUP, OPEN, ...lines].map((line) => JSON.stringify(line)).join('\n');
      const path = await written(`recording-${count++}.jsonl`, text);
      const complaint = await complaintOf(() => replayRecording(path, linux72));
      if (complaint !== null) expect(complaint.startsWith(path)).toBe(true);
      expectCleanPrototypes();
    },
  );

  test.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 60 })(
    'of any bytes is refused or empty, packed or not',
    async (content) => {
      for (const name of ['bytes.jsonl', 'bytes.jsonl.gz']) {
        const path = await written(name, content);
        expect(await complaintOf(() => replayRecording(path, []))).toMatch(/expected/);
      }
    },
  );
});

describe('vectors', () => {
  test.prop([
    fc.oneof(
      fc.string(),
      fc.json(),
      hostile.map((value) => JSON.stringify(value)),
    ),
  ])('are read, or refused with their place', async (text) => {
    expect(await complaintOf(() => parseVectorFile('file', text))).toMatch(/^file(:\d+)?: /);
    expectCleanPrototypes();
  });

  test.prop([fc.constantFrom('registers', 'ram', 'stamped', 'configs', 'streamId', 'source'), hostile])(
    'with any value in a place are read or refused',
    async (place, value) => {
      const zeros = Array.from({ length: 8 }, () => '0x0');
      const names = ['IDR0', 'IDR1', 'IDR2', 'IDR3', 'IDR4', 'IDR5', 'IIDR', 'AIDR'];
      const vectors = {
        format: 'smmuv3-vectors/1',
        source: 'a test',
        registers: Object.fromEntries(names.map((name) => [name, '0x0'])),
        streamId: 8,
        ram: { start: '0x40000000', end: '0x50000000' },
        stamped: { start: '0x41000000', length: '0x400000' },
        configs: [{ ste: zeros, memory: { ['__proto__']: '0x0' }, accesses: [] }],
        [place]: value,
      };
      await complaintOf(() => parseVectorFile('file', JSON.stringify(vectors)));
      expectCleanPrototypes();
    },
  );
});

describe('what is too much', () => {
  const small = { line: 1000, bytes: 5000, empty: 10 };

  async function linesOf(path: string): Promise<number> {
    let count = 0;
    for await (const _ of readLines(path, small)) count++;
    return count;
  }

  const cases: readonly [string, string, RegExp][] = [
    ['a line without an end', 'x'.repeat(1001), /:1: expected a line of at most 1000 characters$/],
    ['a long line among short ones', `a\n${'x'.repeat(1001)}\nb\n`, /:2: expected a line of at most 1000 /],
    ['lines without an end', 'x\n'.repeat(2501), /expected at most 5000 bytes in all$/],
    ['line ends and nothing else', '\n'.repeat(100), /:11: expected no more empty lines$/],
  ];

  it.each(cases)('is refused, not read: %s', async (_, text, message) => {
    for (const [name, content] of [
      ['much.jsonl', text],
      ['much.jsonl.gz', gzipSync(text)],
    ] as const) {
      const path = await written(name, content);
      expect(await complaintOf(() => linesOf(path))).toMatch(message);
    }
  });

  test.prop([
    fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }).filter((line) => !/[\n\r]/.test(line))),
  ])('is not what a file of short lines is: each is read whole', async (lines) => {
    const path = await written('lines.jsonl', lines.join('\n'));
    const read: string[] = [];
    for await (const { text } of readLines(path, { line: 1000, bytes: 1e6, empty: 1000 })) read.push(text);
    expect(read).toEqual(lines.filter((line) => line !== ''));
  });

  it('costs no memory: a packed file of 80 MB is given up at its first 16', async () => {
    const path = await written('bomb.json.gz', gzipSync(Buffer.alloc(80_000_000, ' '), { level: 1 }));
    const before = process.memoryUsage().rss;
    const { readVectorFile } = await import('../../conformance/vectors/read.ts');
    expect(await complaintOf(() => readVectorFile(path))).toMatch(
      /expected (at most 16777216 bytes|a gzip file that unpacks to at most 250 times its size)$/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  });
});
