import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../conformance/vmm/replay.ts';
import type { SessionAnswer } from '../../lab/session.ts';
import type { VmmDriver, VmmHost } from '../../live/vmm/driver.ts';
import { judgeVmm } from '../../live/vmm/judge.ts';
import { VmmTarget } from '../../live/vmm/target.ts';
import { design } from '../support/design.ts';
import { SESSION } from './session.ts';

/** What QEMU 11.1.3 answered in the lab to `SESSION`, and what the recorder wrote meanwhile. */
const { host, answer } = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, 'session.json.gz'))).toString(),
) as { readonly host: VmmHost; readonly answer: SessionAnswer };

const RECORDED = design('kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11');

/** A driver whose VMM did what was recorded, whatever it is told. */
function driverOf(session: SessionAnswer): VmmDriver & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  return {
    name: 'recorded',
    asked,
    boot: async () => host,
    session: async (_cold, operations) => {
      asked.push(operations ?? []);
      return session;
    },
    console: async () => '',
    stop: async () => {},
  };
}

async function judged(session: SessionAnswer, held = RECORDED) {
  const target = new VmmTarget(driverOf(session), rulesOf(RECORDED).real);
  const described = await target.boot();
  return judgeVmm(described, await target.run(SESSION), held, []);
}

describe('a session that QEMU 11.1.3 had in the lab', () => {
  it('is planned as it was', async () => {
    const driver = driverOf(answer);
    const target = new VmmTarget(driver, rulesOf(RECORDED).real);
    await target.boot();
    await target.run(SESSION);
    expect(driver.asked[0]).toHaveLength(answer.answers.length);
    expect(driver.asked[0]?.[0]).toBe('qmp {"execute":"qmp_capabilities"}');
  });

  it('is what the model says, call by call, DMA by DMA, event by event', async () => {
    const { sights, checked, outcomes } = await judged(answer);
    expect(sights).toEqual([]);
    expect(checked).toBeGreaterThan(50);
    const reached = new Set(outcomes.map(({ what }) => what));
    for (const what of [
      'DMA untranslated',
      'DMA S1:B',
      'DMA aborted',
      'guest-event ok',
      'IOMMU_VDEVICE_ALLOC ok',
    ])
      expect(reached, what).toContain(what);
  });

  it('parts from the intended VMM in deviations that have names', async () => {
    const { sights } = await judged(answer, design('kernel=linux-7.2,smmu=qemu-11'));
    expect(sights.length).toBeGreaterThan(0);
    for (const { is } of sights) expect(is).toBe('deviation');
  });

  it('is parted from where a call is another, with the step', async () => {
    const at = answer.recorded.findIndex(({ line }) => line.includes('IOMMU_VDEVICE_ALLOC'));
    const lines = answer.recorded.map((each, index) =>
      index === at ? { ...each, line: each.line.replace('"ret":0', '"ret":-1') } : each,
    );
    const { sights } = await judged({ ...answer, recorded: lines });
    expect(sights[0]).toMatchObject({ is: 'difference', command: 'ioctl IOMMU_VDEVICE_ALLOC', steps: 6 });
  });

  it('is parted from where DMA lands elsewhere', async () => {
    const answers = answer.answers.map((each) => (/^OK 0x4d/.test(each) ? 'OK 0x0000000000000000' : each));
    const { sights } = await judged({ ...answer, answers });
    expect(sights[0]).toMatchObject({ is: 'difference', command: 'landed' });
  });

  it('ends where the VMM did', async () => {
    const { sights } = await judged({
      ...{ ...answer, answers: answer.answers.slice(0, 20), end: 'died', said: ['qemu: a bug'] },
      recorded: answer.recorded.filter(({ operation }) => operation < 20),
    });
    expect(sights.at(-1)).toMatchObject({ is: 'hang', kind: 'VMM died', real: 'qemu: a bug' });
  });
});
