import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { judgeFile } from '../../../conformance/index.ts';
import { SAID_PROPERTY } from '../../../conformance/recorder/vmm-logs.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import { design } from '../../support/design.ts';

const GOOD = join(import.meta.dirname, '../../../conformance/recordings/recorded-7.2.13/good.jsonl.gz');

/** What a recording of a VMM says whose log has these messages at its end. */
async function judged(...messages: readonly string[]) {
  const lines = gunzipSync(readFileSync(GOOD)).toString().trimEnd().split('\n');
  const said = messages.map((text) => JSON.stringify({ seq: 0, section: '', ev: 'said', text }));
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-logs-')), 'vm.jsonl');
  writeFileSync(path, `${[...lines, ...said].join('\n')}\n`);
  const properties = ALL_PROPERTIES.filter(({ id }) => id === SAID_PROPERTY);
  expect(properties).toHaveLength(1);
  const { report, judgements } = await judgeFile(path, design('kernel=linux-7.2'), properties, {
    design: {},
    defects: [],
  });
  expect(report.agreed).toBe(report.checked);
  const [found] = judgements;
  return { verdict: found?.verdict, at: (found?.line ?? 0) - lines.length, violation: found?.violation };
}

describe('what the logs of VMMs say of a guest’s commands', () => {
  it.each([
    // devices/src/smmuv3.rs of cloud-hypervisor at 09af962541aa.
    ['SMMUv3 ignoring command opcode 0x47', 'goes on behind opcode 0x47, which is no command'],
    ['SMMUv3 ignoring command opcode 0x0', 'goes on behind opcode 0x0, which is no command'],
    // vm/devices/iommu/smmu/src/emulator.rs of OpenVMM at 1488a37b7cfe.
    ['smmu: unknown CMDQ opcode opcode=2', 'stops at PREFETCH_ADDR, which is legal'],
    ['smmu: unknown CMDQ opcode dropped_ratelimited=0x3 opcode=2', 'stops at PREFETCH_ADDR, which is legal'],
  ])('%s: violated', async (message, how) => {
    const { verdict, at, violation } = await judged('SMMUv3 invalid CMDQ_BASE 0x1f', message);
    expect([verdict, at]).toEqual(['violated', 2]);
    expect(violation).toContain(how);
  });

  it('a command that is none stops the queue, as it should', async () => {
    expect((await judged('smmu: unknown CMDQ opcode opcode=47')).verdict).toBe('holds');
  });

  it.each([
    // By what ID registers the guest sees these are legal or not: no log has them.
    'SMMUv3 ignoring command opcode 0x20',
    'SMMUv3 ignoring command opcode 0x41',
    'smmu: unknown CMDQ opcode opcode=ATC_INV',
    'smmu: unknown CMDQ opcode opcode=44',
    // A hint, which may be ignored.
    'SMMUv3 ignoring command opcode 0x1',
    // Which entries that is about is not said, and whether the host or the guest was wrong is not either.
    'SMMUv3 CFGI_STE_RANGE (SID 0x100): no cached STE state',
    'SMMUv3 backend error for opcode 0x11: Failed to invalidate',
    'SMMU accel: STE → ABORT (abort HWPT) dev_id=0x2',
  ])('%s: nothing is claimed', async (message) => {
    expect((await judged(message)).verdict).toBe('unseen');
  });
});
