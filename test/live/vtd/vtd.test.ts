import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../../conformance/emulated/follower.ts';
import { describedAs } from '../../../live/emulated/described.ts';
import { EmulatedModelTarget } from '../../../live/emulated/model-target.ts';
import { planSteps } from '../../../live/emulated/planned.ts';
import { emulatedSubject } from '../../../live/emulated/subject.ts';
import { type LiveReport, live } from '../../../live/loop.ts';
import type { LiveOptions } from '../../../live/options.ts';
import { VTD_MACHINES } from '../../../live/vtd/machine.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { vtdQemu11Deviations } from '../../../overrides/deviations/vtd-qemu-11/index.ts';
import { VTD_LAYOUT } from '../../../workload/scopes/emulated-vtd-memory.ts';
import { dma, vtdPlatform, write } from '../../model/vtd/emulated/machine.ts';
import { design } from '../../support/design.ts';

const QEMU = design('vtd=qemu-11');
const ARCHITECTURE = design('vtd=architecture');

const OPTIONS: LiveOptions = {
  ...{ seed: 1, time: 300_000, runs: 12, steps: 60, promises: [] },
  ...{ design: QEMU, known: { kernel: [], smmu: [] } },
};

function machineNamed(name: string) {
  const machine = VTD_MACHINES.find((each) => each.name === name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  return machine;
}

/** Searches a machine that the model is, under rules of its own, until so much is found. */
function search(
  name: string,
  own: readonly Override[],
  options: Partial<LiveOptions> = {},
  most = 1000,
): Promise<LiveReport> {
  let found = 0;
  const target = new EmulatedModelTarget(describedAs(vtdPlatform(name), 'the model'), composeRules(own));
  const show = (progress: { readonly found: number }): void => {
    found = progress.found;
  };
  return live(
    target,
    { ...OPTIONS, ...options },
    show,
    () => found >= most,
    emulatedSubject(machineNamed(name)),
  );
}

const commandsOf = (found: LiveReport['findings'][number] | undefined) =>
  (found?.sequence ?? []).map((step) =>
    step.kind === 'call' ? `${step.call.command}${step.call.args.register ?? ''}` : step.kind,
  );

describe('a search on an emulated VT-d unit', () => {
  it.each(VTD_MACHINES.map(({ name }) => name))(
    'of %s finds nothing where it does as expected, and reaches what guests and devices do',
    async (name) => {
      const { findings, coverage } = await search(name, QEMU);
      expect(findings).toEqual([]);
      expect(coverage.DMA?.['read data']).toBeGreaterThan(10);
      expect(coverage.DMA?.['write data']).toBeGreaterThan(5);
      expect(coverage.write?.['GCMD ok']).toBeGreaterThan(20);
      expect(coverage.vtdReset?.ok).toBeGreaterThan(0);
    },
  );

  it('names the deviations from the architecture that explain what it sees', async () => {
    const { findings } = await search('scalable-first', QEMU, { design: ARCHITECTURE, runs: 6 });
    expect([...new Set(findings.map(({ is }) => is))]).toEqual(['deviation']);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['vtd-legacy-reasons', 'vtd-queue-waits-for-tail']),
    );
    // Each has seconds to be made small; on a busy machine those of caches need more.
    const found = findings.find(({ name }) => name === 'vtd-queue-waits-for-tail');
    expect(found).toMatchObject({ minimal: true, steady: true });
    expect(found?.sequence.length).toBeLessThan(8);
  });

  it.each([
    // Three writes that turn it on, a DMA that fills the IOTLB for reads alone, one that writes.
    ['vtd-hit-refused-silently', /SecondStageWrite|NoWritePermission|.* \/ /, 9, 'vtdDma'],
    ['vtd-queue-stays-on', /GSTS/, 4, 'vtdWriteGCMD'],
    ['vtd-bare-wait-refused', /IQE/, 4, 'vtdDescriptors'],
  ] as const)(
    'finds a unit without %s, and the smallest sequence that shows it',
    async (name, says, most, last) => {
      const without = vtdQemu11Deviations.filter((each) => each.name !== name);
      const { findings } = await search('scalable-first', without, { runs: 200 }, 1);
      const [found] = findings.filter(({ is }) => is === 'difference');
      expect(found).toMatchObject({ minimal: true, steady: true });
      expect(`${found?.real} / ${found?.model}`).toMatch(says);
      expect(found?.sequence.length).toBeLessThanOrEqual(most);
      expect(commandsOf(found).at(-1)).toBe(last);
    },
  );
});

describe('a step as operations', () => {
  const machine = machineNamed('scalable-first');
  const platform = vtdPlatform('scalable-first');
  const planned = planSteps(machine, platform, rulesOf(QEMU, platform).real, [
    write('RTADDR', VTD_LAYOUT.scalableRoot | 0x400n),
    write('GCMD', 1n << 30n),
    write('GCMD', 1n << 31n),
    dma(0x18, VTD_LAYOUT.pages, true),
  ]);

  it('writes registers of four and of eight bytes', () => {
    expect(planned.map(({ operations }) => operations[0]?.split(' ')[0])).toEqual([
      'writeq',
      'writel',
      'writel',
      'writeq',
    ]);
    expect(planned[0]?.operations[0]).toBe('writeq 0xfed90020 0x2001400');
  });

  it('reads registers and what walks change, and looks for what a device wrote first where it should be', () => {
    const last = planned.at(-1);
    const memory: Readonly<Record<string, bigint>> = platform.emulatedVtd?.memory ?? {};
    const answers = (last?.operations ?? []).map((operation) => {
      const [name = '', address = '0', bytes = '0'] = operation.split(' ');
      if (name === 'readl') return BigInt(address) === 0xfed9_001cn ? '0xc0000000' : '0x0';
      if (name === 'readq') return '0x0';
      if (name !== 'read') return '';
      const content = Buffer.alloc(Number(bytes));
      for (let at = 0; at + 8 <= content.length; at += 8) {
        const word = memory[(BigInt(address) + BigInt(at)).toString(16)] ?? 0n;
        content.writeBigUInt64LE(
          BigInt(address) + BigInt(at) === VTD_LAYOUT.level1 ? word | 0x60n : word,
          at,
        );
      }
      return `0x${content.toString('hex')}`;
    });
    expect(last?.dma?.looked[0]?.address).toBe(VTD_LAYOUT.outputs);
    expect(last?.seen(answers)).toEqual({
      ...{ ends: 'no', GSTS: '0xc0000000', FSTS: '0x0', ICS: '0x0', IQH: '0x0', record: 'none' },
      changed: `0x${VTD_LAYOUT.level1.toString(16)}:0x${(VTD_LAYOUT.outputs | 0x67n).toString(16)}`,
    });
  });
});
