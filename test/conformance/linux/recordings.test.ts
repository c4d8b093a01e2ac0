import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformFile } from '../../../conformance/index.ts';
import { design } from '../../support/design.ts';

const FOLDER = join(import.meta.dirname, '../../../conformance/recordings/linux-7.2.13');

const RECORDED = design('kernel=linux-7.2,smmu=qemu-11');

const filesIn = (folder: string): readonly string[] => readdirSync(join(FOLDER, folder)).sort();

describe('recordings of Linux 7.2.13', () => {
  it.each([
    ['smmuv3-wide-walks', 'one-smmu'],
    ['smmuv3-invalidations', 'one-smmu'],
    ['smmuv3-interrupts', 'one-smmu'],
    ['smmuv3-stage1-only', 'one-smmu, IDR0=0x0d44101a IDR3=0x00001404'],
    ['container-walks', 'one-smmu'],
  ])('%s agrees on every line', async (name, machine) => {
    const report = await conformFile(join(FOLDER, `${name}.jsonl.gz`), RECORDED);
    expect(report.first).toBeNull();
    expect(report).toMatchObject({ machine, skipped: { note: 5 } });
    expect(report.agreed).toBe(report.events - 5);
    expect(report.disagreements.total).toBe(0);
  });

  it('smmuv3-wide-dma-walks agrees on every answer, and has no more than QEMU does', async () => {
    const report = await conformFile(join(FOLDER, 'smmuv3-wide-dma-walks.jsonl.gz'), RECORDED);
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    expect(report.permitted).toMatchObject({ min: 1, max: 1 });
  });

  it.each(filesIn('differences'))('differences/%s agrees', async (name) => {
    const report = await conformFile(join(FOLDER, 'differences', name), RECORDED);
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    expect(report.checked).toBeGreaterThan(3);
  });

  it.each(filesIn('live'))('live/%s agrees', async (name) => {
    const report = await conformFile(join(FOLDER, 'live', name), RECORDED);
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    expect(report.checked).toBeGreaterThan(3);
  });

  it.each([
    ['container-walks', { 'containers-of-7-2': 62 }],
    ['differences/map-file-cycle', { 'map-file-takes-any': 1 }],
    ['differences/map-file-devnull', { 'map-file-takes-any': 1 }],
    ['live/failed-message-loses-event', { 'failed-message-loses-event': 1 }],
  ])('%s parts from the intended kernel where a deviation is named', async (name, deviations) => {
    const [path = ''] = [`${name}.jsonl.gz`, `${name}.jsonl`].filter((file) =>
      filesIn(name.includes('/') ? (name.split('/')[0] ?? '') : '').includes(file.split('/').at(-1) ?? ''),
    );
    const report = await conformFile(join(FOLDER, path), design('smmu=qemu-11'));
    expect(report.deviations).toMatchObject(deviations);
    expect(report.first).toBeNull();
  });
});

describe('what cannot be replayed', () => {
  const KNOWN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    'faultq.jsonl': { 'a line with the sequence number of the line before it': 3 },
    'fork.jsonl': { fork: 1 },
    'group.jsonl': { 'group and container files beside device files': 2 },
    'memfd.jsonl': { 'a line with the sequence number of the line before it': 2 },
    'mmap-other.jsonl': { 'mapping of the process': 1, store: 1 },
    'odd.jsonl.gz': { 'no "setup" line names the devices': 276 },
    'posret.jsonl': { 'an argument that is not recorded': 1 },
    'pread.jsonl': { 'registers and configuration space of devices': 1 },
    'sysfs.jsonl': { sysfs: 1 },
  };

  it.each(filesIn('not-replayable'))('%s is replayed, or skipped by a reason', async (name) => {
    const report = await conformFile(join(FOLDER, 'not-replayable', name), RECORDED);
    expect(report.first).toBeNull();
    expect(report.agreed).toBe(report.checked);
    const { note: _, ...reasons } = report.skipped;
    expect(reasons).toEqual(KNOWN[name] ?? {});
    const skipped = Object.values(report.skipped).reduce((sum, count) => sum + count, 0);
    expect(report.checked + skipped).toBe(report.events);
  });

  it('an unknown machine is said, not guessed', async () => {
    const report = await conformFile(join(FOLDER, 'not-replayable/odd.jsonl.gz'), RECORDED);
    expect(report).toMatchObject({ checked: 0, machine: 'unknown: no "setup" line names the devices' });
  });
});
