import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../conformance/index.ts';
import { replayRecording } from '../../../conformance/linux/replay.ts';
import type { Override } from '../../../model/rules.ts';
import type { SmmuDriverRules } from '../../../model/smmu/driver/rules.ts';
import { design } from '../../support/design.ts';

const RECORDINGS = join(import.meta.dirname, '../../../conformance/recordings/linux-7.2.13');
const recording = (name: string): string => join(RECORDINGS, `${name}.jsonl.gz`);

const RECORDED = design('kernel=linux-7.2,smmu=qemu-11');

/** Inputs and notes: they have no answer. */
const WITHOUT_ANSWER = ['mapping of the process', 'note', 'store', 'transfer'];

describe('with kernel=linux-7.2,smmu=qemu-11 the whole system is replayed', () => {
  it.each([
    ['smmuv3-dma-walks', 5622],
    ['smmuv3-findings', 76],
    ['smmuv3-scenario', 551],
    ['smmuv3-scenario-two-smmus', 575],
    ['smmuv3-scenario-no-canwbs', 125],
    ['smmuv3-walks', 4511],
    ['smmuv3-walks-two-smmus', 4419],
  ])('%s: each of %i answers agrees, and nothing that has one is skipped', async (name, answers) => {
    const report = await replayRecording(recording(name), RECORDED);
    expect(report.first).toBeNull();
    expect(report).toMatchObject({ checked: answers, agreed: answers, deviations: {} });
    expect(WITHOUT_ANSWER).toEqual(expect.arrayContaining(Object.keys(report.skipped)));
    const skipped = Object.values(report.skipped).reduce((sum, count) => sum + count, 0);
    expect(report.checked + skipped).toBe(report.events);
  });

  it('with the intended kernel, F-1, F-2, F-3 and F-6 are what differs', async () => {
    const report = await replayRecording(recording('smmuv3-findings'), design('smmu=qemu-11'));
    expect(report.first).toBeNull();
    expect(report.deviations).toEqual({
      'empty-invalidation-refused': 1,
      'failed-replace-unreserves': 1,
      'invalidate-drops-converted': 1,
      'vsmmus-share-vmid': 1,
    });
  });
});

const LEFT_OUT = { name: 'left-out', kind: 'mutant', summary: '', source: '' } as const;

describe('a driver that leaves out a flush does not fit the recordings', () => {
  it.each<[rule: keyof SmmuDriverRules, name: string, line: number]>([
    ['invalidatesSte', 'smmuv3-dma-walks', 184],
    ['unmapClearsNested', 'smmuv3-dma-walks', 4587],
    ['unmapInvalidatesIntermediate', 'smmuv3-scenario', 447],
    ['unusedTagIsFlushed', 'smmuv3-findings', 163],
  ])('without %s, %s parts at line %i', async (rule, name, line) => {
    const left: Override = { ...LEFT_OUT, rules: { smmuDriver: { [rule]: false } } };
    const report = await replayRecording(recording(name), [...RECORDED, left]);
    expect(report.first).toMatchObject({ line });
  });
});

describe('lines about the machine', () => {
  const SETUP =
    '{"seq":0,"section":"","ev":"setup","bdf":"0000:00:02.0","cdev":"/dev/vfio/devices/vfio0","grp":"2"}';
  const recorded = (...lines: readonly object[]): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-')), 'made.jsonl');
    const rest = lines.map((line, seq) => JSON.stringify({ seq, section: '', ...line }));
    writeFileSync(path, [SETUP, ...rest].join('\n'));
    return path;
  };

  it.each([
    ['a store where the process has no memory', { ev: 'store', va: '0x1000', hex: '00' }, /:2: "va"/],
    [
      'a store past the end of its memory',
      { ev: 'store', va: '0xfffff73f8ff8', len: 9, byte: 0 },
      /:2: "va"/,
    ],
    ['a load where it has none', { ev: 'load', va: '0x1000', hex: '00' }, /:2: "va"/],
    [
      'a transfer of a device that no setup names',
      { ev: 'transfer', bdf: '0000:00:09.0', dir: 'to-mem', iova: '0x0', len: 4 },
      /:2: "bdf"/,
    ],
  ])('%s is an InputError', async (_what, line, message) => {
    await expect(replayRecording(recorded(line), RECORDED)).rejects.toThrow(message);
    await expect(replayRecording(recorded(line), RECORDED)).rejects.toBeInstanceOf(InputError);
  });

  it('memory holds what was stored, and a device that nothing is attached to does not reach it', async () => {
    const va = '0xfffff6ff9ffe';
    const transfer = { ev: 'transfer', bdf: '0000:00:02.0', iova: '0x40000000', len: 4 };
    const report = await replayRecording(
      recorded(
        { ev: 'store', va, hex: '01020304' },
        { ev: 'load', va: '0xfffff6ff9ffc', hex: '0000010203040000' },
        { ...transfer, dir: 'from-mem' },
        { ...transfer, dir: 'to-mem' },
        { ev: 'load', va, hex: '01020304' },
        { ev: 'load', va, hex: '00000000' },
      ),
      RECORDED,
    );
    expect(report).toMatchObject({ checked: 3, agreed: 2 });
    expect(report.first).toEqual({
      line: 7,
      event: 'load of 0xfffff6ff9ffe',
      expected: { hex: '00000000' },
      model: { hex: '01020304' },
    });
  });
});
