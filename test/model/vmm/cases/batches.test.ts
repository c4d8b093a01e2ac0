import { describe, expect, it } from 'vitest';
import type { Words } from '../../../../model/world/command.ts';
import { foreignStreamsHandedOn } from '../../../../overrides/deviations/vmm-cloud-hypervisor/index.ts';
import { resolveDesign } from '../../../../overrides/index.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { oneVsmmu } from '../../../../workload/scopes/one-vsmmu.ts';
import { Lab, STE } from '../lab.ts';
import { DESIGNS, running, type VmmDesign } from './designs.ts';

/*
 * Queues with a command in them that fails: CONS is at that one, what is before it was done, what is behind it was not
 * (IHI0070 7.1), and it goes on when the guest has acknowledged the error.
 */

const GOOD = encodeCommand('TLBI_NH_ALL');
const OTHER = encodeCommand('TLBI_NH_ASID', { ASID: 3 });
const SYNC = encodeCommand('SYNC');
const CD = encodeCommand('CFGI_CD', { Leaf: 1 });

/** All of these are errors for each of the designs. */
const BAD = {
  'an opcode that there is not': [0x7fn, 0n],
  'a stage-2 invalidation': encodeCommand('TLBI_S12_VMALL'),
} as const satisfies Readonly<Record<string, Words>>;

function translating(lab: Lab): Lab {
  lab.do('writeSte', { words: STE.bypass });
  lab.do('writeCr0', { value: 0b1001 });
  lab.do('writeSte', { words: STE.translate });
  lab.do('issueCommands', { words: encodeCommand('CFGI_STE', { Leaf: 1 }) });
  expect(lab.domainOf('dev0')).toBe('s1Translate');
  return lab;
}

/** Commands that reached the pSMMU in the last step. */
function issued({ effects }: Lab): number {
  return effects.reduce(
    (sum, effect) => sum + (effect.kind === 'smmuCommands' ? effect.commands.length : 0),
    0,
  );
}

const consIndex = (lab: Lab): number => {
  lab.do('readRegister', { register: 'CMDQ_CONS' });
  return Number((lab.data[0] ?? 0n) & 0xfffffn);
};

const QUEUES: readonly (readonly [string, (bad: Words) => readonly Words[], at: number])[] = [
  ['[good, bad, good, good]', (bad) => [GOOD, bad, OTHER, SYNC], 1],
  ['[bad, good]', (bad) => [bad, GOOD], 0],
  ['[good, good, bad]', (bad) => [GOOD, OTHER, bad], 2],
  ['[good, SYNC, good, bad, good]', (bad) => [GOOD, SYNC, OTHER, bad, GOOD], 3],
  ['[CFGI_CD, bad, SYNC]', (bad) => [CD, bad, SYNC], 1],
  ['[CFGI_STE, good, bad, SYNC]', (bad) => [encodeCommand('CFGI_STE', { Leaf: 1 }), GOOD, bad, SYNC], 2],
];

const CASES = QUEUES.flatMap(([what, queue, at]) =>
  Object.entries(BAD).map(([bad, words]) => [`${what}, where bad is ${bad}`, queue(words), at] as const),
);

describe.each(DESIGNS)('in %s', (design: VmmDesign) => {
  it.each(CASES)('%s stops at the bad one', (_what, queue, at) => {
    const lab = translating(running(design, oneVsmmu));
    lab.do('issueCommands', { words: queue.flat() });
    expect(lab.result.out).toEqual({ consumed: at, error: 1 });
    const before = queue.slice(0, at).filter(([first = 0n]) => ![0x46n, 0x03n].includes(first & 0xffn));
    expect(issued(lab)).toBeGreaterThanOrEqual(before.length);
    expect(consIndex(lab)).toBe(at);
    // What the guest does is what Linux does; OpenVMM then waits for CMDQ_PROD.
    lab.do('acknowledge');
    const rest = queue.length - at;
    expect(lab.result.out).toEqual({ consumed: design === 'openvmm-2026-08' ? 0 : rest, error: 0 });
    lab.do('issueCommands', { words: SYNC });
    expect(lab.result.out).toEqual({
      consumed: design === 'openvmm-2026-08' ? rest + 1 : 1,
      error: 0,
    });
  });
});

describe('a command that the kernel refuses, in the middle of a batch', () => {
  /** Hands on what the kernel does not know: a CFGI_CD of a StreamID that has no vDEVICE. */
  const FOREIGN = encodeCommand('CFGI_CD', { StreamID: 9, Leaf: 1 });

  it.each([
    [[GOOD, FOREIGN, OTHER, SYNC], 1],
    [[FOREIGN, GOOD], 0],
    [[GOOD, OTHER, GOOD, FOREIGN], 3],
    [[GOOD, SYNC, OTHER, FOREIGN, GOOD], 3],
  ] as const)('is where CONS is, and what is before it has reached the pSMMU', (queue, at) => {
    const lab = translating(new Lab(oneVsmmu, [foreignStreamsHandedOn]).started());
    lab.do('issueCommands', { words: queue.flat() });
    expect(lab.result.out).toEqual({ consumed: at, error: 1 });
    expect(issued(lab)).toBe(queue.slice(0, at).filter((words) => words !== SYNC).length);
    expect(consIndex(lab)).toBe(at);
  });

  it('is where CONS is with Linux 7.2, which counts commands that it has not issued', () => {
    const linux = resolveDesign(['kernel=linux-7.2']);
    if ('error' in linux) throw new Error(linux.error);
    const lab = translating(new Lab(oneVsmmu, [...linux.overrides, foreignStreamsHandedOn]).started());
    lab.do('issueCommands', { words: [...GOOD, ...FOREIGN, ...OTHER] });
    expect(lab.result.out).toEqual({ consumed: 1, error: 1 });
    expect(issued(lab)).toBe(0);
  });

  it('is where CONS is in cloud-hypervisor, a call a command', () => {
    const lab = translating(running('cloud-hypervisor-2026-09', oneVsmmu));
    lab.do('issueCommands', { words: [...GOOD, ...FOREIGN, ...OTHER, ...SYNC] });
    expect(lab.result.out).toEqual({ consumed: 1, error: 1 });
    expect(lab.calls).toEqual(['hwptInvalidate', 'hwptInvalidate EIO']);
  });
});

describe('a queue in memory that does not answer', () => {
  it.each(DESIGNS)('stops %s with CERROR_ABT, where CONS is', (design) => {
    const lab = running(design, oneVsmmu);
    lab.do('writeRegister', { register: 'CMDQ_BASE', value: 4n });
    lab.do('writeCr0', { value: 0b1000 });
    lab.do('issueCommands', { words: SYNC });
    expect(lab.result.out).toEqual({ consumed: 0, error: 2 });
  });
});
