import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, InputError } from '../../conformance/index.ts';
import { design } from '../support/design.ts';

const FOLDER = join(import.meta.dirname, '../../conformance/recordings/qemu-vsmmu-11.1.3');
const RECORDED = 'kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11';

function linesOf(name: string): string[] {
  return gunzipSync(readFileSync(join(FOLDER, name)))
    .toString()
    .trimEnd()
    .split('\n');
}

function written(lines: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-vmm-')), 'changed.jsonl');
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** Why lines have nothing to compare: inputs, and what is no vSMMU's business. */
const REASONS = [
  /^input: (start|plug|reset|migration|register|store|transfer|PCI configuration)$/,
  /^note$/,
  /^the device's (regions, interrupts and resets|registers, which the kernel does not map)$/,
];

describe('recordings of QEMU 11.1.3 with an accelerated vSMMU', () => {
  const files = readdirSync(FOLDER);

  it.each(files)('%s agrees on every line, in order', async (name) => {
    const report = await conformFile(join(FOLDER, name), design(RECORDED));
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    expect(report.checked).toBeGreaterThan(20);
    const skipped = Object.values(report.skipped).reduce((sum, count) => sum + count, 0);
    expect(report.checked + skipped).toBe(report.events);
    for (const reason of Object.keys(report.skipped))
      expect(
        REASONS.some((known) => known.test(reason)),
        reason,
      ).toBe(true);
  });

  it('part from the intended VMM in deviations that have names', async () => {
    const report = await conformFile(
      join(FOLDER, 'two-devices.jsonl.gz'),
      design('kernel=linux-7.2,smmu=qemu-11'),
    );
    expect(report.first).toBeNull();
    expect(report.agreed).toBeLessThan(report.checked);
    expect(Object.keys(report.deviations).length).toBeGreaterThan(0);
  });

  it.each([
    ['an attachment to another HWPT', 'VFIO_ATTACH_PT', '10000000000000000500', '10000000000000000600'],
    ['another STE', 'HWPT_ALLOC', '0b00205000000000d4', '0b00205000000000d5'],
    ['another StreamID', 'VDEVICE_ALLOC', '1000000000000000"', '1100000000000000"'],
  ])('disagree where %s is recorded', async (_what, name, from, to) => {
    const lines = linesOf('commands.jsonl.gz');
    const source = lines.some((line) => line.includes(name) && line.includes(from))
      ? lines
      : linesOf('basic.jsonl.gz');
    const at = source.findIndex((line) => line.includes(name) && line.includes(from));
    expect(at).toBeGreaterThan(0);
    source[at] = (source[at] ?? '').replaceAll(from, to);
    const report = await conformFile(written(source), design(RECORDED));
    expect(report.first?.line).toBe(at + 1);
  });

  it.each([
    ['a landing', '"landed"', '"untranslated"', '"aborted"'],
    ['a register that is read', '"guest-read"', '"val":"0x2"', '"val":"0x3"'],
    ['an event', '"guest-event"', '"hex":"10', '"hex":"11'],
  ])('disagree where %s is another', async (_what, ev, from, to) => {
    const lines = linesOf('basic.jsonl.gz');
    const at = lines.findIndex((line) => line.includes(ev) && line.includes(from));
    lines[at] = (lines[at] ?? '').replace(from, to);
    const report = await conformFile(written(lines), design(RECORDED));
    expect(report.first?.line).toBe(at + 1);
  });

  it('disagree where a call is missing', async () => {
    const lines = linesOf('basic.jsonl.gz');
    const at = lines.findIndex((line) => line.includes('VDEVICE_ALLOC'));
    lines.splice(at, 1);
    const report = await conformFile(written(lines), design(RECORDED));
    expect(report.first?.line).toBe(at + 1);
  });

  it('are refused in one line where they are no such recordings', async () => {
    const lines = linesOf('basic.jsonl.gz');
    const broken = lines.map((line) => line.replace('"reg":"CR0"', '"reg":4'));
    await expect(conformFile(written(broken), design(RECORDED))).rejects.toThrow(InputError);
  });
});
