import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, InputError } from '../../../conformance/index.ts';
import { design } from '../../support/design.ts';

type Line = Readonly<Record<string, unknown>>;

const FILE = join(
  import.meta.dirname,
  '../../../conformance/recordings/linux-7.2.13/selftests-mock.jsonl.gz',
);

/** Line n is at n - 1. */
const RECORDED: readonly Line[] = gunzipSync(readFileSync(FILE))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

const folder = mkdtempSync(join(tmpdir(), 'nestcheck-'));

const LINUX = design('kernel=linux-7.2');

function fileOf(lines: readonly (Line | string)[]): string {
  const path = join(folder, 'changed.jsonl');
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(path, texts.join('\n'));
  return path;
}

/** What comes before all tests, and the test of a line, with that line changed; null: left out. */
function testOf(number: number, change: Line | null): readonly Line[] {
  const { t } = RECORDED[number - 1] as Line;
  return RECORDED.flatMap((line, at) => {
    if (line.t !== '(startup)' && line.t !== t) return [];
    if (at !== number - 1) return [line];
    return change === null ? [] : [{ ...line, ...change }];
  });
}

/** A line's struct with a byte changed. */
function withByte(number: number, at: number, byte: string): string {
  const bytes = RECORDED[number - 1]?.i as string;
  return bytes.slice(0, 2 * at) + byte + bytes.slice(2 * at + 2);
}

/** A line's first buffer with another content afterwards. */
function leaving(number: number, out: string): Line {
  const [buffer] = (RECORDED[number - 1]?.b ?? []) as readonly Line[];
  return { b: [{ ...buffer, out }] };
}

describe("the recording of the kernel's own selftests", () => {
  it('agrees on every answer with kernel=linux-7.2', async () => {
    const report = await conformFile(FILE, LINUX);
    expect(report.disagreements.kinds).toEqual([]);
    expect(report.events).toBe(9250);
    expect([report.checked, report.agreed]).toEqual([8792, 8792]);
    expect(report.skipped).toEqual({
      'a read that failed, whose buffer is not recorded': 4,
      'an argument that is not recorded': 4,
      'before the first test': 69,
      'mapping of the process': 381,
    });
    expect(report.machine).toBe('mock-iommu');
  });

  it.each<[string, number, Line]>([
    ['a refusal is another', 930, { x: 22 }],
    ['an id is another', 909, { o: withByte(909, 16, '0b') }],
    ['an entry of an IOTLB is not invalidated', 945, { i: withByte(945, 20, 'ff') }],
    ['an entry of a cache is not invalidated', 9049, { i: withByte(9049, 20, 'ff') }],
    ['an IOVA leads elsewhere', 3477, { i: withByte(3477, 33, 'b0') }],
    ['pages are pinned twice', 3478, { i: withByte(3478, 32, '02') }],
    ['pages of a file are not pinned', 7206, { i: withByte(7206, 32, '00') }],
    ['an access reads something else', 1522, leaving(1522, '58c5')],
    ['a dirty flag is missing', 8212, leaving(8212, '0100000000000000')],
    ['a dirty flag stays set', 8213, leaving(8213, '0500000000000000')],
    ['an event is missing', 9004, { v: 20 }],
    ['a page request is missing', 8940, { v: 0 }],
    ['a PASID is replaced that the driver refuses', 9230, { v: 0, x: undefined }],
    ['a locked page is unmapped', 9087, { v: 0, x: undefined }],
    ['a revoked dma-buf is mapped', 1685, { v: 0, x: undefined }],
    ['a capability is told where it does not fit', 8604, { o: `${RECORDED[8604]?.o}` }],
  ])('is found to part where %s', async (_, number, change) => {
    const lines = testOf(number, change);
    const report = await conformFile(fileOf(lines), LINUX);
    const at = lines.findIndex((line) => line.t === RECORDED[number - 1]?.t);
    const first = RECORDED.findIndex((line) => line.t === RECORDED[number - 1]?.t);
    expect(report.first?.line).toBe(number - first + at);
  });

  it('follows each argument that a call may have been made with, and drops those that do not fit', async () => {
    const test = RECORDED.filter(({ t }) => t === 'vfio_compat_mock_domain.Ver1v0.map');
    const maps = test.findIndex(({ r }) => r === '0x3b71');
    const { i } = test[maps + 1] as { i: string };
    // Within the mapping, as only VFIO_TYPE1_IOMMU lets a process unmap.
    const unmap = (offset: string, answer: Line): Line => ({
      ...test[maps + 1],
      i: `${i.slice(0, 16)}${offset}00010000000000100000000000`.padEnd(i.length, '0'),
      ...answer,
    });
    const head = [...RECORDED.filter(({ t }) => t === '(startup)'), ...test.slice(0, maps + 1)];
    const cut = unmap('0000', { v: 0 });
    const kept = unmap('0000', { v: -1, x: 22 });
    expect((await conformFile(fileOf([...head, cut]), LINUX)).first).toBeNull();
    expect((await conformFile(fileOf([...head, unmap('0020', { v: 0 }), cut]), LINUX)).first).toBeNull();
    const both = await conformFile(fileOf([...head, unmap('0020', { v: 0 }), kept]), LINUX);
    expect(both.first?.line).toBe(head.length + 2);
  });

  it('leaves out what a later kernel may have', async () => {
    const unknown = withByte(74, 4, '40');
    const report = await conformFile(fileOf(testOf(74, { i: unknown, v: -1, x: 95 })), LINUX);
    expect(report.skipped['an unknown operation of IOMMU_TEST_CMD']).toBe(1);
    expect(report.first).toBeNull();
  });

  it.each<[string, Line | string, RegExp]>([
    ['broken', '{"t":"a","e":"close"', /:1: expected a JSON object on every line/],
    ['of no kind', { t: 'a', e: 'fork', f: 3, v: 0 }, /:1: "e"/],
    ['without hexadecimal digits', { t: 'a', e: 'ioctl', f: 3, r: '0x3b80', i: '0g', v: 0 }, /:1: "i"/],
    ['on no descriptor', { t: 'a', e: 'close', f: -2, v: 0 }, /:1: "f"/],
  ])('says where a line is %s', async (_, line, message) => {
    const replayed = conformFile(fileOf([line]), LINUX);
    await expect(replayed).rejects.toThrow(InputError);
    await expect(replayed).rejects.toThrow(message);
  });
});
