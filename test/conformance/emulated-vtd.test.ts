import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseLine } from '../../conformance/emulated/lines.ts';
import { platformOf, startLine } from '../../conformance/emulated/start.ts';
import { conformFile, InputError } from '../../conformance/index.ts';
import { vtdPlatform } from '../model/vtd/emulated/machine.ts';
import { design } from '../support/design.ts';

const QEMU = design('vtd=qemu-11');
const PLATFORM = vtdPlatform('scalable-first');
const WALKS = join(
  import.meta.dirname,
  '../../conformance/recordings/qemu-intel-iommu-11.1.3/qtest-walks.jsonl.gz',
);

const folder = mkdtempSync(join(tmpdir(), 'nestcheck-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(lines: readonly unknown[]): string {
  const path = join(folder, 'bad.jsonl');
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return path;
}

describe("a recording of QEMU 11.1.3's intel-iommu over qtest", () => {
  it('agrees with vtd=qemu-11 at every step, on four machines', async () => {
    const report = await conformFile(WALKS, QEMU);
    expect(report).toMatchObject({ first: null, skipped: {}, deviations: {}, machine: 'emulated vt-d' });
    expect(report.agreed).toBe(report.checked);
    expect(report.checked).toBeGreaterThan(2500);
  });

  it.each([
    ['a context entry that is cached and gone from memory', 'context-in-memory', 15],
    ['PASID table entries that were found gone, and page group responses', 'pasid-cache', 72],
  ])('of %s agrees too', async (_, name, count) => {
    const report = await conformFile(WALKS.replace('walks', name).replace('.gz', ''), QEMU);
    expect(report).toMatchObject({ first: null, skipped: {}, checked: count, agreed: count });
  });

  it('shows deviations from the specification, each by its name', async () => {
    const report = await conformFile(WALKS, []);
    expect(report).toMatchObject({ first: null, skipped: {} });
    const names = Object.keys(report.deviations).flatMap((together) => together.split('+'));
    expect(names).toEqual(
      expect.arrayContaining([
        'vtd-legacy-reasons',
        'vtd-presence-last',
        'vtd-queue-stays-on',
        'vtd-queue-waits-for-tail',
      ]),
    );
  });
});

describe('a recording of an emulated VT-d unit', () => {
  const step = {
    ...{ seq: 1, section: 'live', ev: 'emulated', command: 'vtdWrite' },
    ...{ args: { register: 'GCMD', value: '0x0' }, seen: { ends: 'no', FSTS: '0x0' } },
  };

  it('describes its machine', () => {
    const parsed = parseLine('x', 1, JSON.stringify(startLine(PLATFORM)));
    expect(parsed?.ev === 'emulated-vtd' && platformOf(parsed)).toEqual(PLATFORM);
  });

  it('parts where nothing explains it', async () => {
    const path = written([startLine(PLATFORM), { ...step, seen: { ends: 'no', FSTS: '0x10' } }, step]);
    const report = await conformFile(path, []);
    expect(report.first).toMatchObject({
      event: 'write GCMD',
      expected: { FSTS: '0x10' },
      model: { FSTS: '0x0' },
    });
    expect(report.skipped).toEqual({ 'behind a difference': 1 });
    expect(report.disagreements.kinds[0]?.kind).toBe('write GCMD: FSTS IQE / FSTS 0');
  });

  it.each([
    ['a command that is none', [startLine(PLATFORM), { ...step, command: 'hostReset' }], '"command"'],
    [
      'an argument that is none',
      [startLine(PLATFORM), { ...step, args: { registr: 'GCMD' } }],
      '"args.registr"',
    ],
    ['no devices', [{ ...startLine(PLATFORM), sources: [] }], '"sources"'],
    [
      'changes out of shape',
      [startLine(PLATFORM), { ...step, seen: { ends: 'no', changed: '1' } }],
      'changed',
    ],
  ])('is refused in one line: %s', async (_what, lines, says) => {
    const read = conformFile(written(lines), QEMU);
    await expect(read).rejects.toThrow(InputError);
    const message = await read.catch((error: InputError) => error.message);
    expect(message).not.toContain('\n');
    expect(message).toContain(says);
  });
});
