import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayRecording } from '../../../conformance/linux/replay.ts';
import { design } from '../../support/design.ts';

const RECORDINGS = join(import.meta.dirname, '../../../conformance/recordings/linux-7.2.13');
const recording = (name: string): string => join(RECORDINGS, `${name}.jsonl.gz`);

const ARCHITECTURE = design('kernel=linux-7.2,smmu=architecture');
const EMULATED = design('kernel=linux-7.2,smmu=qemu-11');

/** A recording with other contents in the loads at some lines. */
function altered(name: string, loads: Readonly<Record<number, string>>): string {
  const lines = gunzipSync(readFileSync(recording(name)))
    .toString()
    .split('\n');
  for (const [line, hex] of Object.entries(loads)) {
    const index = Number(line) - 1;
    lines[index] = (lines[index] ?? '').replace(/("ev":"load".*"hex":")[0-9a-f]*"/, `$1${hex}"`);
  }
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-')), 'altered.jsonl');
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('with smmu=architecture an answer agrees if the caches permit it', () => {
  it('the DMA walks lie among what is permitted, and little is', async () => {
    const report = await replayRecording(recording('smmuv3-dma-walks'), ARCHITECTURE);
    expect(report.first).toBeNull();
    expect(report).toMatchObject({ checked: 5622, agreed: 5622, deviations: {} });
    expect(report.permitted).toMatchObject({ accesses: 658, min: 1, max: 3 });
    expect(report.permitted?.mean).toBeLessThan(1.1);
  });

  it("what QEMU's SMMU does otherwise has its name", async () => {
    const report = await replayRecording(recording('smmuv3-scenario'), ARCHITECTURE);
    expect(report.first).toBeNull();
    expect(report).toMatchObject({ agreed: report.checked, deviations: {} });
    expect(report.skipped).toMatchObject({
      'decided by a deviation of the recorded pSMMU: ap1-ignored': 1,
      'decided by a deviation of the recorded pSMMU: lower-table-faults-as-stage-1': 2,
    });
  });

  /*
   * Section F-1: the entry of VA 0x4000000 moves from the page at 0xfffff7019000 to that at 0xfffff7021000, and an array of
   * commands with the TLBI in it is dropped (line 50). The next write went to the old page (lines 53, 54); after the TLBI
   * alone (line 55), to the new one (lines 58, 59).
   */
  describe('after a table changed', () => {
    const FRESH = { 53: 'd0d00001', 54: 'd0d00002', 58: 'd0d00001' };

    it('without an invalidation the new page may be reached too', async () => {
      const report = await replayRecording(altered('smmuv3-findings', FRESH), ARCHITECTURE);
      expect(report.first).toBeNull();
    });

    it('which an SMMU that keeps what it cached does not do', async () => {
      const report = await replayRecording(altered('smmuv3-findings', FRESH), EMULATED);
      expect(report.first).toMatchObject({ line: 53 });
    });

    it('nothing else may be reached', async () => {
      const report = await replayRecording(altered('smmuv3-findings', { 53: 'd0d00003' }), ARCHITECTURE);
      expect(report.first).toMatchObject({ line: 53, model: { hex: 'd0d00001 | d0d00002' } });
    });

    it('not both pages at once', async () => {
      const report = await replayRecording(altered('smmuv3-findings', { 54: 'd0d00002' }), ARCHITECTURE);
      expect(report.first).toMatchObject({ line: 54 });
    });

    it('after the invalidation the old page is out of reach', async () => {
      const STALE = { 58: 'd0d00003', 59: 'd0d00008' };
      const report = await replayRecording(altered('smmuv3-findings', STALE), ARCHITECTURE);
      expect(report.first).toMatchObject({ line: 58 });
    });
  });
});
