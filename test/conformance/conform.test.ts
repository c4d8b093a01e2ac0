import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, InputError } from '../../conformance/index.ts';
import { design } from '../support/design.ts';

const RECORDINGS = join(import.meta.dirname, '../../conformance/recordings');

const recording = (name: string): string => join(RECORDINGS, 'linux-7.2.13', `${name}.jsonl.gz`);

describe('recordings of Linux 7.2.13', () => {
  it.each([
    ['smmuv3-scenario', 'one-smmu'],
    ['smmuv3-scenario-two-smmus', 'two-smmus'],
    ['smmuv3-scenario-no-canwbs', 'one-smmu-no-canwbs'],
    ['smmuv3-walks', 'one-smmu'],
    ['smmuv3-walks-two-smmus', 'two-smmus'],
    ['smmuv3-findings', 'one-smmu'],
  ])('%s agrees on every checked line with kernel=linux-7.2,smmu=qemu-11', async (name, machine) => {
    const report = await conformFile(recording(name), design('kernel=linux-7.2,smmu=qemu-11'));
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    expect(report.machine).toBe(machine);
    expect(report.checked).toBeGreaterThan(60);
    const skipped = Object.values(report.skipped).reduce((sum, count) => sum + count, 0);
    expect(report.checked + skipped).toBe(report.events);
  });

  it.each([
    [
      'smmuv3-scenario',
      {
        'empty-invalidation-refused': 1,
        'failed-replace-unreserves': 2,
        'viommu-reserved-ignored': 1,
        'virt-id-truncated': 1,
      },
    ],
    ['smmuv3-walks', { 'reserved-command-bits-passed': 12 }],
    ['smmuv3-walks-two-smmus', { 'failed-replace-unreserves': 1, 'reserved-command-bits-passed': 10 }],
    ['smmuv3-dma-walks', {}],
    [
      'smmuv3-findings',
      {
        'empty-invalidation-refused': 1,
        'failed-replace-unreserves': 1,
        'invalidate-drops-converted': 1,
        'vsmmus-share-vmid': 1,
      },
    ],
  ])('%s parts from the intended system only in named deviations', async (name, deviations) => {
    const report = await conformFile(recording(name), design('kernel=intended,smmu=architecture'));
    expect(report.first).toBeNull();
    expect(report.deviations).toEqual(deviations);
    const named = Object.values(report.deviations).reduce((sum, count) => sum + count, 0);
    expect(report.agreed + named).toBe(report.checked);
  });

  it('says where and what when an answer is wrong', async () => {
    const lines = gunzipSync(readFileSync(recording('smmuv3-walks')))
      .toString()
      .split('\n');
    const at = lines.findIndex((line) => line.includes('"name":"IOAS_ALLOC"') && line.includes('"ret":0'));
    lines[at] = (lines[at] ?? '').replace('"ret":0,"errno":0', '"ret":-1,"errno":16');
    const path = temporary('wrong.jsonl', lines.slice(0, at + 2).join('\n'));
    const report = await conformFile(path, design('kernel=linux-7.2'));
    expect(report.first).toMatchObject({
      line: at + 1,
      expected: { ret: -1, errno: 16 },
      model: { ret: 0, errno: 0 },
    });
  });
});

describe('unreadable input', () => {
  const good = gunzipSync(readFileSync(recording('smmuv3-walks')))
    .subarray(0, 4000)
    .toString();
  const lines = good.split('\n').slice(0, 8);

  it.each([
    ['broken JSON', 'a.jsonl', `${lines.join('\n')}\n{"seq":`, /a\.jsonl:9: expected a JSON object/],
    [
      'a line of an unknown kind',
      'b.jsonl',
      '{"seq":1,"section":"","ev":"party"}',
      /b\.jsonl:1: unknown kind of line/,
    ],
    [
      'a field out of shape',
      'c.jsonl',
      '{"seq":1,"section":"","ev":"close","fd":"x","ret":0,"errno":0}',
      /"fd"/,
    ],
    ['no lines', 'e.jsonl', '', /"setup" lines/],
    ['text that is no gzip', 'f.jsonl.gz', 'plain', /f\.jsonl\.gz:1: expected gzip data/],
    ['an unknown extension', 'g.txt', '', /expected a name that ends in/],
  ])('%s', async (_what, name, content, message) => {
    const path = temporary(name, content);
    await expect(conformFile(path, [])).rejects.toThrow(message);
    await expect(conformFile(path, [])).rejects.toBeInstanceOf(InputError);
  });

  it('a truncated gzip names the line that it breaks off in', async () => {
    const packed = gzipSync(gunzipSync(readFileSync(recording('smmuv3-walks'))));
    const path = temporary('cut.jsonl.gz', packed.subarray(0, packed.length / 2));
    await expect(conformFile(path, [])).rejects.toThrow(/cut\.jsonl\.gz:\d+: .*truncated/);
  });

  it('a file that is not there', async () => {
    await expect(conformFile('/nonexistent/x.jsonl', [])).rejects.toThrow(
      /expected a readable file \(ENOENT\)/,
    );
  });
});

function temporary(name: string, content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-')), name);
  writeFileSync(path, content);
  return path;
}
