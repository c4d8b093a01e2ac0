import { describe, expect, it } from 'vitest';
import type { Words } from '../../../../model/world/command.ts';
import { type CommandName, encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { guestWords } from '../../../../workload/scopes/guest-words.ts';
import { oneVsmmu } from '../../../../workload/scopes/one-vsmmu.ts';
import { STE } from '../lab.ts';
import { DESIGNS, type Expected, expectedOf, running, type VmmDesign } from './designs.ts';

/*
 * One command on the queue of an SMMU with stage 1 alone, no ATS, no PRI, no EL2, nothing that stalls: whether it stops
 * the queue with CERROR_ILL (IHI0070 4.1.3 and the section of each command), and whether the kernel hears of it.
 */

type Became = 'stops' | 'consumed' | 'handed on' | 'handed on, stops';

const QEMU = 'qemu-11';
const OPENVMM = 'openvmm-2026-08';
const CLOUD = 'cloud-hypervisor-2026-09';

const STOPS: Expected<Became> = { intended: 'stops' };
const CONSUMED: Expected<Became> = { intended: 'consumed' };
const HANDED: Expected<Became> = { intended: 'handed on' };
/** QEMU consumes what the ID registers rule out. */
const QEMU_CONSUMES: Expected<Became> = { intended: 'stops', [QEMU]: 'consumed' };

const all = (
  names: readonly CommandName[],
  expected: Expected<Became>,
): readonly (readonly [string, Words, Expected<Became>])[] =>
  names.map((name) => [name, encodeCommand(name), expected]);

const CASES: readonly (readonly [string, Words, Expected<Became>])[] = [
  ...all(['PREFETCH_CONFIG'], CONSUMED),
  ...all(['PREFETCH_ADDR'], { intended: 'consumed', [OPENVMM]: 'stops' }),
  ...all(['TLBI_NH_ALL', 'TLBI_NH_ASID', 'TLBI_NH_VA', 'TLBI_NH_VAA', 'TLBI_NSNH_ALL'], HANDED),
  ...all(['CFGI_CD', 'CFGI_CD_ALL'], HANDED),
  ...all(
    ['TLBI_EL2_ALL', 'TLBI_EL2_ASID', 'TLBI_EL2_VA', 'TLBI_EL2_VAA', 'TLBI_EL3_ALL', 'TLBI_EL3_VA'],
    QEMU_CONSUMES,
  ),
  ...all(['PRI_RESP', 'RESUME', 'STALL_TERM'], QEMU_CONSUMES),
  ...all(['TLBI_S12_VMALL', 'TLBI_S2_IPA', 'CFGI_VMS_PIDM'], STOPS),
  ['ATC_INV without ATS', encodeCommand('ATC_INV', { Size: 52 }), QEMU_CONSUMES],
  ['SYNC', encodeCommand('SYNC'), CONSUMED],
  ['SYNC with CS=1', encodeCommand('SYNC', { CS: 1 }), CONSUMED],
  ['SYNC with CS=2', encodeCommand('SYNC', { CS: 2 }), CONSUMED],
  ['SYNC with CS=3', encodeCommand('SYNC', { CS: 3 }), QEMU_CONSUMES],
  ['opcode 0', [0n, 0n], STOPS],
  ['an opcode that there is not', [0x7fn, 0n], STOPS],
  ['an opcode of the Secure queue', [0x50n, 0n], STOPS],
  [
    'CFGI_CD of a StreamID without a device',
    encodeCommand('CFGI_CD', { StreamID: 9 }),
    { intended: 'consumed', [CLOUD]: 'handed on, stops' },
  ],
  [
    'CFGI_CD_ALL of a StreamID without a device',
    encodeCommand('CFGI_CD_ALL', { StreamID: 9 }),
    { intended: 'consumed', [CLOUD]: 'handed on, stops' },
  ],
  ['CFGI_STE of a StreamID without a device', encodeCommand('CFGI_STE', { StreamID: 9 }), CONSUMED],
  ['CFGI_STE beyond the table', encodeCommand('CFGI_STE', { StreamID: 0xffff_ffff }), CONSUMED],
  // Of the intended kernel, which refuses what a guest may not set; Linux 7.2 takes it to the pSMMU.
  [
    'CFGI_CD of a Secure stream',
    encodeCommand('CFGI_CD', { SSec: 1 }),
    { ...STOPS, [OPENVMM]: 'handed on, stops' },
  ],
  [
    'CFGI_STE of a Secure stream without a device',
    encodeCommand('CFGI_STE', { SSec: 1, StreamID: 9 }),
    { ...STOPS, [OPENVMM]: 'consumed' },
  ],
  [
    'PREFETCH_CONFIG of a Secure stream',
    encodeCommand('PREFETCH_CONFIG', { SSec: 1 }),
    { ...STOPS, [QEMU]: 'consumed', [OPENVMM]: 'consumed' },
  ],
  ['ATC_INV of a Secure stream without ATS', encodeCommand('ATC_INV', { SSec: 1 }), QEMU_CONSUMES],
];

function became(design: VmmDesign, words: Words, cr0: number): Became {
  const lab = running(design, oneVsmmu);
  lab.do('writeSte', { words: STE.bypass });
  lab.do('writeCr0', { value: 0b1001 });
  lab.do('writeSte', { words: STE.translate });
  lab.do('issueCommands', { words: encodeCommand('CFGI_STE', { Leaf: 1 }) });
  expect(lab.domainOf('dev0')).toBe('s1Translate');
  if (cr0 !== 0b1001) lab.do('writeCr0', { value: cr0 });
  lab.do('issueCommands', { words });
  const { consumed, error } = lab.result.out;
  expect([consumed, error]).toEqual(error === 0 ? [1, 0] : [0, 1]);
  const isHanded = lab.calls.some((call) => call.startsWith('hwptInvalidate'));
  if (error === 0) return isHanded ? 'handed on' : 'consumed';
  return isHanded ? 'handed on, stops' : 'stops';
}

describe.each(DESIGNS)('of a command, %s makes', (design) => {
  it.each(CASES)('with %s', (_what, words, expected) => {
    expect(became(design, words, 0b1001)).toBe(expectedOf(expected, design));
  });

  it.each(CASES.filter(([what]) => /ATC_INV|SYNC|RESUME|PRI_RESP|opcode|PREFETCH/.test(what)))(
    'while SMMUEN is 0, with %s the same',
    (_what, words, expected) => {
      expect(became(design, words, 0b1000)).toBe(expectedOf(expected, design));
    },
  );
});

describe('ATC_INV of a vSMMU with ATS', () => {
  /** Its device translates by the second vSMMU, which advertises ATS; OpenVMM advertises it nowhere. */
  function invalidate(design: VmmDesign, cr0: number): readonly [unknown, boolean] {
    const lab = running(design, guestWords);
    lab.do('writeSte', { vsmmu: 1, words: STE.bypass });
    lab.do('writeCr0', { vsmmu: 1, value: 0b1001 });
    lab.do('writeSte', { vsmmu: 1, words: STE.translate });
    lab.do('issueCommands', { vsmmu: 1, words: encodeCommand('CFGI_STE', { Leaf: 1 }) });
    if (cr0 !== 0b1001) lab.do('writeCr0', { vsmmu: 1, value: cr0 });
    lab.do('issueCommands', { vsmmu: 1, words: encodeCommand('ATC_INV', { Size: 52 }) });
    return [lab.result.out.error, lab.calls.includes('hwptInvalidate')];
  }

  it.each([
    ['intended', [0, true], [0, false]],
    // That smmuv3_cmdq_consume() does not ask for SMMUEN: not verified.
    [QEMU, [0, true], [0, true]],
    [OPENVMM, [1, false], [1, false]],
    [CLOUD, [0, true], [0, false]],
  ] as const)('in %s is handed on, and without SMMUEN consumed', (design, enabled, disabled) => {
    expect(invalidate(design, 0b1001)).toEqual(enabled);
    expect(invalidate(design, 0b1000)).toEqual(disabled);
  });
});
