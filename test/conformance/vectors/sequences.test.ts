import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformFile, type FileReport } from '../../../conformance/index.ts';
import { parseJson } from '../../../conformance/json-document.ts';
import { conformSequences } from '../../../conformance/vectors/conform-sequences.ts';
import { sequenceFileOf } from '../../../conformance/vectors/sequence-file.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { encodeEvent, events } from '../../../spec/smmuv3/event.ts';
import { REGISTERS } from '../../model/smmu/machine.ts';
import { design } from '../../support/design.ts';

const RECORDINGS = join(import.meta.dirname, '../../../conformance/recordings/qemu-11.1.3');

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** What the architecture alone gets wrong of each file, by the deviations that explain it. */
const EXPLAINED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'differences/v2-commands-wait-for-enable.json': {},
  'differences/v2-ends-the-emulator.json': { 'ends-at-aarch32': 2, 'ends-at-reserved-ips': 2 },
  // CMDQ_CONS.ERR is UNKNOWN then.
  'differences/v2-error-after-acknowledgement.json': {},
  'differences/v2-faults-every-4-bytes.json': { 'fault-every-4-bytes': 5 },
  'differences/v2-l1std-reserved-bits.json': { 'level-2-pointer-unmasked': 1 },
  'differences/v2-queues-outside-ram.json': {},
  // A range of another granule names no entry: what is cached may stay.
  'differences/v2-range-below-granule.json': {},
  'differences/v2-s2-ipa-reserved-bits.json': { 's2-ipa-unmasked': 1 },
  'differences/v2-stream-table-size.json': { 'reads-outside-ram': 4 },
  'differences/v2-tables-in-flash.json': { 'reads-outside-ram': 4 },
  'observations-v2.json': {
    'bypass-beyond-oas': 1,
    'cached-translation-refuses': 1,
    'cd-fetch-address-in-dword-2': 1,
    'commands-unjudged': 8,
    'full-event-queue-is-gerror': 2,
    'two-level-stays': 1,
  },
};

describe.each(Object.keys(EXPLAINED))('%s', (name) => {
  it('agrees in every answer under the rules of QEMU 11', async () => {
    const report = await conformFile(join(RECORDINGS, name), design('smmu=qemu-11'));
    expect(report).toMatchObject({ skipped: {}, deviations: {}, first: null });
    expect(report.checked).toBeGreaterThan(0);
    expect(report.agreed).toBe(report.checked);
  });

  it('parts from the architecture only in ways that have a name', async () => {
    const report = await conformFile(join(RECORDINGS, name), design('smmu=architecture'));
    expect(report).toMatchObject({ skipped: {}, first: null });
    expect(report.deviations).toEqual(EXPLAINED[name]);
  });
});

it('has every file of this version', () => {
  const found = ['', 'differences/'].flatMap((folder) =>
    readdirSync(join(RECORDINGS, folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => folder + name),
  );
  expect(found.sort()).toEqual(Object.keys(EXPLAINED).sort());
});

const STRTAB = 0x4010_0000n;
const CONTEXT = 0x4020_0000n;
const TTB = 0x4030_0000n;
const LEAVES = 0x4030_3000n;
const SID = 8;
const ALL = '0xd';
const BYPASS = 0b1001n;
const S1_PAGE = 0x443n;

/** Where pages 5, 6 and 7 of stage 1 go; page 7 goes nowhere. */
const PAGES = { 5: 0x4100_3000n, 6: 0x4100_7000n } as const;

/** A stream of stage 1, with its tables, and one that bypasses. */
const memory: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      [STRTAB + BigInt(SID * 64), CONTEXT | 0b1011n],
      [STRTAB + BigInt(16 * 64), BYPASS],
      // V, AA64, A, R; T0SZ = 16, EPD1; IPS of 44 bits; ASID 1.
      [CONTEXT, 0x0001_6204_c000_0010n],
      [CONTEXT + 8n, TTB],
      [TTB, (TTB + 0x1000n) | 3n],
      [TTB + 0x1000n, (TTB + 0x2000n) | 3n],
      [TTB + 0x2000n, LEAVES | 3n],
      [LEAVES + 40n, PAGES[5] | S1_PAGE],
      [LEAVES + 48n, PAGES[6] | S1_PAGE],
    ] as const
  ).map(([address, word]) => [hex(address), hex(word)]),
);

const registers = { CR0: ALL, STRTAB_BASE: hex(STRTAB), STRTAB_BASE_CFG: '0x8' };

interface Run {
  readonly at: number;
  readonly length: number;
  readonly pa: string;
}

function access(iova: bigint, more: Readonly<Record<string, unknown>> = {}) {
  return { op: 'access', streamId: SID, iova: hex(iova), write: false, ...more };
}

const run = (at: number, length: number, pa: bigint): Run => ({ at, length, pa: hex(pa) });

function fault(iova: bigint, changes: Readonly<Record<string, number>> = {}): readonly string[] {
  return encodeEvent('F_TRANSLATION', {
    StreamID: SID,
    RnW: 1,
    CLASS: 2,
    InputAddr: iova,
    ...changes,
  }).map(hex);
}

function document(steps: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    format: 'smmuv3-vectors/2',
    source: 'a test',
    registers: Object.fromEntries(Object.entries(REGISTERS).map(([name, value]) => [name, hex(value)])),
    ram: [{ start: '0x40000000', end: '0x50000000' }],
    stamped: { start: '0x41000000', length: '0x400000' },
    episodes: [{ registers, memory, steps }],
    ...more,
  });
}

function replay(steps: readonly unknown[], selector = 'smmu=architecture'): FileReport {
  const text = document(steps);
  return conformSequences(
    'some.json',
    sequenceFileOf('some.json', parseJson('some.json', text)),
    design(selector),
  );
}

const kindsOf = ({ disagreements }: FileReport): readonly string[] =>
  disagreements.kinds.map(({ kind }) => kind);

const commands = (...words: (readonly bigint[])[]) => ({
  op: 'commands',
  commands: words.map((pair) => pair.map(hex)),
});
const SYNC = encodeCommand('SYNC');
const OURS = { VMID: 0, ASID: 1, Address: 0x5000n };
const store = (address: bigint, word: bigint) => ({ op: 'store', address: hex(address), words: [hex(word)] });
const MOVED = store(LEAVES + 40n, 0x4100_9000n | S1_PAGE);

describe('an access', () => {
  it.each(['smmu=architecture', 'smmu=qemu-11'])(
    'of several words over a page, and of another stream, by %s',
    (selector) => {
      const report = replay(
        [
          access(0x5ffcn, { length: 8, landed: [run(0, 4, PAGES[5] + 0xffcn), run(4, 4, PAGES[6])] }),
          access(0x5ff8n, {
            length: 16,
            write: true,
            landed: [run(0, 8, PAGES[5] + 0xff8n), run(8, 8, PAGES[6])],
          }),
          access(0x4100_0100n, { streamId: 16, landed: [run(0, 4, 0x4100_0100n)] }),
          access(0x6ffcn, {
            length: 8,
            landed: [run(0, 4, PAGES[6] + 0xffcn)],
            events: [fault(0x7000n)],
          }),
        ],
        selector,
      );
      expect(report).toMatchObject({ checked: 4, agreed: 4, first: null });
    },
  );

  it.each([
    ['a landing place', { landed: [run(0, 4, PAGES[6])] }, 'landed somewhere, model somewhere'],
    ['no landing place', {}, 'landed nowhere, model somewhere'],
    ['half of one', { landed: [run(0, 2, PAGES[5])] }, 'landed in part, model somewhere'],
    [
      'a record too many',
      { landed: [run(0, 4, PAGES[5])], events: [fault(0x5000n)] },
      'events F_TRANSLATION, model none',
    ],
    ['an end', { ends: true }, 'ends the emulator'],
  ])('that shows %s that was never there is reported by its kind', (_, shown, kind) => {
    const report = replay([access(0x5000n, shown)]);
    expect(report).toMatchObject({ checked: 1, agreed: 0, deviations: {} });
    expect(kindsOf(report)).toEqual([kind]);
  });

  it.each([
    ['CLASS', { CLASS: 1 }],
    ['RnW', { RnW: 0 }],
    ['S2', { S2: 1 }],
    ['StreamID', { StreamID: 9 }],
    ['InputAddr', { InputAddr: 0x7008n }],
    ['PnU', { PnU: 1 }],
    ['InD', { InD: 1 }],
    ['IPA', { IPA: 0x1000n }],
    ['STAG', { STAG: 1 }],
  ])('whose record has another %s is reported with that field', (field, change) => {
    const report = replay([access(0x7000n, { events: [fault(0x7000n, change as Record<string, number>)] })]);
    expect(kindsOf(report)).toEqual([`event F_TRANSLATION: ${field}`]);
  });

  it('whose record has bits without a name is reported with their doubleword', () => {
    const [first = '', , ...rest] = fault(0x7000n);
    const report = replay([access(0x7000n, { events: [[first, hex(1n << 63n), ...rest]] })]);
    expect(kindsOf(report).join()).toMatch(/^event F_TRANSLATION: /);
  });

  it('is compared in the doublewords that were recorded, and in no others', () => {
    const [first, , third] = fault(0x7000n);
    expect(replay([access(0x7000n, { events: [[first, null, third, null]] })]).agreed).toBe(1);
    expect(replay([access(0x7000n, { events: [[first, null, '0x7001', null]] })]).agreed).toBe(0);
  });
});

describe('registers', () => {
  it.each(['smmu=architecture', 'smmu=qemu-11'])('decide over what comes after them, by %s', (selector) => {
    const report = replay(
      [
        { op: 'write', register: 'CR0', value: '0xc' },
        access(0x4100_0000n, { landed: [run(0, 4, 0x4100_0000n)] }),
        { op: 'write', register: 'GBPA', value: '0x80101000' },
        { op: 'read', register: 'GBPA', value: '0x101000' },
        access(0x4100_0000n),
        { op: 'write', register: 'CR0', value: '0x9' },
        access(0x7000n),
        { op: 'write', register: 'CR0', value: ALL },
        access(0x7000n, { events: [fault(0x7000n)] }),
        { op: 'read', register: 'EVENTQ_PROD', value: '0x1' },
        { op: 'take' },
        { op: 'read', register: 'EVENTQ_CONS', value: '0x1' },
        { op: 'write', register: 'STRTAB_BASE_CFG', value: '0x3' },
        { op: 'write', register: 'CR2', value: '0x2' },
        commands(encodeCommand('CFGI_STE_RANGE', { Range: 31 }), SYNC),
        access(0x5000n, {
          events: [[hex((8n << 32n) | BigInt(events.C_BAD_STREAMID.type)), '0x0', '0x0', '0x0']],
        }),
      ],
      selector,
    );
    expect(report).toMatchObject({ checked: 8, agreed: 8 });
  });

  it('that read as another value are reported with the fields that differ', () => {
    const report = replay([
      commands([0x7fn, 0n]),
      { op: 'read', register: 'CMDQ_CONS', value: '0x2000001' },
      { op: 'read', register: 'GERROR', value: '0x5' },
      { op: 'read', register: 'CMDQ_CONS', value: '0x2000000', mask: '0xff' },
      { op: 'read', register: 'STRTAB_BASE', value: '0x0' },
    ]);
    expect(report).toMatchObject({ checked: 4, agreed: 1 });
    expect([...kindsOf(report)].sort()).toEqual(['CMDQ_CONS RD ERR', 'GERROR EVENTQ_ABT_ERR', 'STRTAB_BASE']);
  });

  it('show CMDQ_CONS.ERR while its error is active', () => {
    const stopped = [commands([0x7fn, 0n]), { op: 'read', register: 'CMDQ_CONS', value: '0x1000000' }];
    expect(replay(stopped).agreed).toBe(1);
    const another = [commands([0x7fn, 0n]), { op: 'read', register: 'CMDQ_CONS', value: '0x2000000' }];
    expect(kindsOf(replay(another))).toEqual(['CMDQ_CONS ERR']);
  });
});

describe('what is cached', () => {
  const was = access(0x5000n, { landed: [run(0, 4, PAGES[5])] });
  const is = access(0x5000n, { landed: [run(0, 4, 0x4100_9000n)] });

  it.each([
    ['nothing', []],
    ['another ASID', [commands(encodeCommand('TLBI_NH_VA', { ...OURS, ASID: 2 }), SYNC)]],
    ['no CMD_SYNC', [commands(encodeCommand('TLBI_NH_VA', OURS))]],
    [
      'a queue that is off',
      [{ op: 'write', register: 'CR0', value: '0x5' }, commands(encodeCommand('TLBI_NH_VA', OURS), SYNC)],
    ],
    ['a command that stops the queue', [commands([0x7fn, 0n], encodeCommand('TLBI_NH_VA', OURS), SYNC)]],
  ])('may be used by the architecture after %s, or not', (_, between) => {
    expect(replay([was, MOVED, ...between, was])).toMatchObject({ checked: 2, agreed: 2 });
    expect(replay([was, MOVED, ...between, is])).toMatchObject({ checked: 2, agreed: 2 });
  });

  it('is gone after the invalidation that covers it', () => {
    const between = commands(encodeCommand('TLBI_NH_VA', OURS), SYNC);
    expect(replay([was, MOVED, between, is])).toMatchObject({ agreed: 2 });
    const stale = replay([was, MOVED, between, was]);
    expect(stale).toMatchObject({ agreed: 1, deviations: {} });
    expect(stale.first?.event).toBe('episode 0, step 3: read of 4 at 0x5000 by stream 8');
  });

  it('may be an entry of the stream table until CFGI_STE', () => {
    const bypasses = store(STRTAB + BigInt(SID * 64), BYPASS);
    const there = access(0x4100_0000n, { landed: [run(0, 4, 0x4100_0000n)] });
    const faults = access(0x4100_0000n, { events: [fault(0x4100_0000n)] });
    const drop = commands(encodeCommand('CFGI_STE', { StreamID: SID }), SYNC);
    expect(replay([was, bypasses, there])).toMatchObject({ agreed: 2 });
    expect(replay([was, bypasses, faults])).toMatchObject({ agreed: 2 });
    expect(replay([was, bypasses, drop, there])).toMatchObject({ agreed: 2 });
    expect(replay([was, bypasses, drop, faults])).toMatchObject({ agreed: 1, deviations: {} });
  });

  it('was in memory at some time', () => {
    const never = access(0x5000n, { landed: [run(0, 4, 0x4100_b000n)] });
    expect(replay([was, MOVED, never])).toMatchObject({ agreed: 1, deviations: {} });
  });

  it('is a matter of the emulation where the design is the emulation', () => {
    expect(replay([was, MOVED, was], 'smmu=qemu-11').agreed).toBe(2);
    expect(replay([was, MOVED, is], 'smmu=qemu-11').agreed).toBe(1);
  });

  it('is not judged where it could serve in too many ways', () => {
    // Eight words of four tables, each with many pasts.
    const stores = Array.from({ length: 200 }, (_, at) => [
      store(TTB, (TTB + 0x1000n) | 3n | (BigInt(at) << 52n)),
      store(TTB + 0x1000n, (TTB + 0x2000n) | 3n | (BigInt(at) << 52n)),
      store(TTB + 0x2000n, LEAVES | 3n | (BigInt(at) << 52n)),
    ]).flat();
    const never = access(0x5000n, { landed: [run(0, 4, 0x4100_b000n)] });
    expect(replay([was, ...stores, never]).skipped).toEqual({
      'too many ways in which caches may serve it': 1,
    });
  });
});

describe('a file', () => {
  const complaint = (text: string): string => {
    try {
      sequenceFileOf('some.json', parseJson('some.json', text));
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was wrong';
  };

  it.each([
    ['another step', [{ op: 'x' }], {}, 'at episodes[0].steps[0].op: '],
    [
      'a register that is not written',
      [{ op: 'write', register: 'GERROR', value: '0x0' }],
      {},
      'at episodes[0].steps[0].register: ',
    ],
    [
      'a register of too many bits',
      [{ op: 'write', register: 'CR0', value: '0x100000000' }],
      {},
      'at episodes[0].steps[0].value: ',
    ],
    [
      'a store between words',
      [{ op: 'store', address: '0x41000004', words: [] }],
      {},
      'at episodes[0].steps[0].address: ',
    ],
    [
      'half a command',
      [{ op: 'commands', commands: [['0x1']] }],
      {},
      'at episodes[0].steps[0].commands[0]: ',
    ],
    [
      'a record of three words',
      [access(0n, { events: [['0x1', '0x0', '0x0']] })],
      {},
      'at episodes[0].steps[0].events[0]: ',
    ],
    [
      'bytes that no access has',
      [access(0n, { landed: [run(0, 5, 0n)] })],
      {},
      'at episodes[0].steps[0].landed: ',
    ],
    ['an access of nothing', [access(0n, { length: 0 })], {}, 'at episodes[0].steps[0].length: '],
    ['an access that is too long', [access(0n, { length: 4097 })], {}, 'at episodes[0].steps[0].length: '],
    ['a StreamID of 33 bits', [access(0n, { streamId: 2 ** 32 })], {}, 'at episodes[0].steps[0].streamId: '],
    ['too many steps', Array.from({ length: 1001 }, () => ({ op: 'take' })), {}, 'at episodes[0].steps: '],
    ['no memory', [], { ram: '0x0' }, 'at ram: '],
  ])('with %s is refused in one line that says where', (_, steps, more, place) => {
    const message = complaint(document(steps, more));
    expect(message.startsWith(`some.json:1: ${place}`), message).toBe(true);
    expect(message).not.toContain('\n');
  });

  it('has no more bytes of accesses, and no more words to store, than there is time for', () => {
    const long = Array.from({ length: 257 }, () => access(0n, { length: 4096 }));
    expect(complaint(document(long))).toContain('expected at most 1048576 bytes of accesses');
    const words = Array.from({ length: 512 }, () => '0x0');
    const stores = Array.from({ length: 17 }, () => ({ op: 'store', address: '0x41000000', words }));
    expect(complaint(document(stores))).toContain('expected at most 8192 words stored in an episode');
  });

  it('that is as bad as it may be is replayed in seconds', () => {
    const begun = performance.now();
    const refused = Array.from({ length: 30 }, () => access(0x7001n, { length: 4095 }));
    const report = replay(refused);
    expect(report.checked).toBe(30);
    const stores = Array.from({ length: 900 }, (_, at) =>
      store(LEAVES + 56n, 0x4100_9000n | S1_PAGE | (BigInt(at) << 52n)),
    );
    const never = Array.from({ length: 90 }, () => access(0x5000n, { landed: [run(0, 4, 0x4100_b000n)] }));
    expect(replay([...stores, ...never]).checked).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(60_000);
  }, 120_000);
});
