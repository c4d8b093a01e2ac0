import { describe, expect, it } from 'vitest';
import { everyWay } from '../../../../model/smmu/permitted/choices.ts';
import { lastConfigurationFlush, lastFlush, usableUntil } from '../../../../model/smmu/permitted/flushes.ts';
import { type History, NO_HISTORY, noteDriven, noteWrite } from '../../../../model/smmu/permitted/history.ts';
import { changesOf, memoryAt, valuesSince } from '../../../../model/smmu/permitted/memory-view.ts';
import { EMPTY_MEMORY, readWord64, writeBytes } from '../../../../model/world/memory/memory.ts';
import { RAM_START } from '../../../../model/world/memory/user-pages.ts';
import { type CommandFields, type CommandName, encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { driveScript } from '../driver/script.ts';

describe('everyWay', () => {
  it('runs once for each way in which the choices fall, later ones depending on earlier ones', () => {
    const ways = [
      ...everyWay((choose) => {
        const first = choose(3);
        return first === 1 ? `${first}` : `${first}${choose(2)}`;
      }),
    ];
    expect(ways).toEqual(['00', '01', '1', '20', '21']);
  });

  it('runs once where there is no choice', () => {
    expect([...everyWay(() => 'only')]).toEqual(['only']);
  });
});

describe('the values that a word has had', () => {
  const word = (value: number): Uint8Array => new Uint8Array(8).fill(value);
  let memory = EMPTY_MEMORY;
  let history: History = NO_HISTORY;
  for (const value of [1, 2, 2, 3]) {
    const next = writeBytes(memory, 64, word(value));
    history = noteWrite(history, memory, next, 64, 8);
    memory = next;
  }
  const read = (address: bigint): bigint => readWord64(memory, Number(address - RAM_START));
  const at = RAM_START + 64n;
  const shown = (since: number) =>
    valuesSince(history, read, at, since).map(({ value = 0n, from, until }) => [value & 0xffn, from, until]);

  it.each([
    [
      0,
      [
        [3n, 4, Infinity],
        [2n, 2, 4],
        [1n, 1, 2],
        [0n, 0, 1],
      ],
    ],
    [
      1,
      [
        [3n, 4, Infinity],
        [2n, 2, 4],
        [1n, 1, 2],
      ],
    ],
    [
      2,
      [
        [3n, 4, Infinity],
        [2n, 2, 4],
      ],
    ],
    [4, [[3n, 4, Infinity]]],
  ])('since %i', (since, values) => {
    expect(shown(since)).toEqual(values);
  });

  it('can be read as they were, and their changes found', () => {
    expect([1, 2, 4, Infinity].map((time) => (memoryAt(history, read, time)(at) ?? 0n) & 0xffn)).toEqual([
      0n,
      1n,
      2n,
      3n,
    ]);
    expect(changesOf(history, new Set([at]), 1)).toEqual([4, 2]);
  });
});

describe('an entry that the driver writes over', () => {
  it.each([1, 2])('is what it was before the first of %i writes', (writes) => {
    const { world, state } = driveScript([]);
    const update = Array.from({ length: writes }, (_, at) => ({
      kind: 'writeSte' as const,
      smmu: 0,
      streamId: 16,
      words: [BigInt(at)],
    }));
    const { stes } = noteDriven(NO_HISTORY, { world, driver: state }, { world, driver: state }, update);
    expect(stes?.entry).toMatchObject({ smmu: 0, streamId: 16, until: 1 });
    expect(stes?.older).toBeNull();
  });
});

describe('the scope of an invalidation', () => {
  const { world, state } = driveScript([]);
  const flushed = <N extends CommandName>(name: N, fields: Partial<CommandFields<N>>): History =>
    noteDriven(NO_HISTORY, { world, driver: state }, { world, driver: state }, [
      { kind: 'issue', smmu: 0, commands: [encodeCommand(name, fields)] },
    ]);
  const VIRTUAL = { smmu: 0, vmid: 2, asid: 5, input: 0x4000_1000n };
  const INTERMEDIATE = { smmu: 0, vmid: 2, asid: undefined, input: 0x4000_1000n };

  it.each([
    ['TLBI_NSNH_ALL', flushed('TLBI_NSNH_ALL', {}), { leaf: 1, table: 1, ipa: 1 }],
    ['TLBI_S12_VMALL', flushed('TLBI_S12_VMALL', { VMID: 2 }), { leaf: 1, table: 1, ipa: 1 }],
    ['TLBI_S12_VMALL of another VMID', flushed('TLBI_S12_VMALL', { VMID: 1 }), { leaf: 0, table: 0, ipa: 0 }],
    ['TLBI_NH_ALL', flushed('TLBI_NH_ALL', { VMID: 2 }), { leaf: 1, table: 1, ipa: 0 }],
    ['TLBI_NH_ASID', flushed('TLBI_NH_ASID', { VMID: 2, ASID: 5 }), { leaf: 1, table: 1, ipa: 0 }],
    ['TLBI_NH_ASID of another', flushed('TLBI_NH_ASID', { VMID: 2, ASID: 6 }), { leaf: 0, table: 0, ipa: 0 }],
    [
      'TLBI_NH_VA',
      flushed('TLBI_NH_VA', { VMID: 2, ASID: 5, Address: 0x4000_1000n }),
      { leaf: 1, table: 1, ipa: 0 },
    ],
    [
      'TLBI_NH_VA of the leaf only',
      flushed('TLBI_NH_VA', { VMID: 2, ASID: 5, Address: 0x4000_1000n, Leaf: 1 }),
      { leaf: 1, table: 0, ipa: 0 },
    ],
    [
      'TLBI_NH_VA of the next page',
      flushed('TLBI_NH_VA', { VMID: 2, ASID: 5, Address: 0x4000_2000n }),
      { leaf: 0, table: 0, ipa: 0 },
    ],
    [
      'TLBI_NH_VAA of a range',
      flushed('TLBI_NH_VAA', { VMID: 2, Address: 0x4000_0000n, TG: 1, NUM: 1, SCALE: 0 }),
      { leaf: 1, table: 1, ipa: 0 },
    ],
    [
      'TLBI_S2_IPA, which nested translations survive',
      flushed('TLBI_S2_IPA', { VMID: 2, Address: 0x4000_1000n }),
      { leaf: 0, table: 0, ipa: 1 },
    ],
    [
      'TLBI_NH_VAA with a range of 64 KiB granules',
      flushed('TLBI_NH_VAA', { VMID: 2, Address: 0x4000_0000n, TG: 3, NUM: 0, SCALE: 0, TTL: 3 }),
      { leaf: 1, table: 1, ipa: 0 },
    ],
    [
      'an illegal TLBI_NH_VAA',
      flushed('TLBI_NH_VAA', { VMID: 2, Address: 0x4000_1000n, TG: 1 }),
      { leaf: 0, table: 0, ipa: 0 },
    ],
    ['CFGI_STE', flushed('CFGI_STE', { StreamID: 16 }), { leaf: 0, table: 0, ipa: 0 }],
  ])('%s', (_name, history, { leaf, table, ipa }) => {
    expect(lastFlush(history, VIRTUAL, 'leaf')).toBe(leaf);
    expect(lastFlush(history, VIRTUAL, 'table')).toBe(table);
    expect(lastFlush(history, INTERMEDIATE, 'leaf')).toBe(ipa);
    expect(lastFlush(history, { ...VIRTUAL, smmu: 1 }, 'leaf')).toBe(0);
  });

  it('ends the use of what was valid before it, not of what was valid after', () => {
    const history = flushed('TLBI_S2_IPA', { VMID: 2, Address: 0x4000_1000n });
    expect(usableUntil(history, INTERMEDIATE, 0)).toBe(1);
    expect(usableUntil(history, INTERMEDIATE, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['CFGI_STE', flushed('CFGI_STE', { StreamID: 16 }), 1, 1],
    ['CFGI_STE of another', flushed('CFGI_STE', { StreamID: 17 }), 0, 0],
    ['CFGI_STE_RANGE', flushed('CFGI_STE_RANGE', { StreamID: 19, Range: 1 }), 1, 1],
    ['CFGI_STE_RANGE of others', flushed('CFGI_STE_RANGE', { StreamID: 20, Range: 1 }), 0, 0],
    ['CFGI_ALL', flushed('CFGI_STE_RANGE', { StreamID: 99, Range: 31 }), 1, 1],
    ['CFGI_CD', flushed('CFGI_CD', { StreamID: 16 }), 0, 1],
    ['CFGI_CD of a substream', flushed('CFGI_CD', { StreamID: 16, SubstreamID: 3 }), 0, 0],
    ['CFGI_CD_ALL', flushed('CFGI_CD_ALL', { StreamID: 16 }), 0, 1],
  ])('%s, for StreamID 16', (_name, history, ste, cd) => {
    expect(lastConfigurationFlush(history, 0, 16, 'ste', 9)).toBe(ste);
    expect(lastConfigurationFlush(history, 0, 16, 'cd', 9)).toBe(cd);
    expect(lastConfigurationFlush(history, 0, 16, 'cd', 0)).toBe(0);
  });
});
