import { describe, expect, it } from 'vitest';
import { type PasidEntry, Pgtt } from '../../../../spec/vtd/entries.ts';
import { FaultReason } from '../../../../spec/vtd/fault.ts';
import { SECOND_TABLES, TABLES, unit, VtdMemory } from './machine.ts';

const RESERVED = `fault ${FaultReason.PasidEntryReserved.toString(16)}`;
const VA = 0x1234_5000n;
const PAGE = 0x4321_0000n;
const USER_PAGE = 0x7n;
const READ_ONLY = 0x5n;
const LARGE = 0x83n;
const READABLE = 0x81n;

/** A guest's table, which lies where its second stage maps it to itself; its page is where the second stage says. */
function nested({
  leaf = PAGE | USER_PAGE,
  host = 0x8000_0000n | LARGE,
  more = {},
}: {
  readonly leaf?: bigint;
  readonly host?: bigint;
  readonly more?: Partial<PasidEntry>;
} = {}): VtdMemory {
  return new VtdMemory('scalable')
    .entry({ PGTT: Pgtt.Nested, FSPTPTR: TABLES, SSPTPTR: SECOND_TABLES, ...more })
    .map(TABLES, VA, 4, [USER_PAGE, USER_PAGE, USER_PAGE, leaf])
    .map(SECOND_TABLES, 0n, 4, [3n, LARGE])
    .map(SECOND_TABLES, PAGE, 4, [3n, host]);
}

describe('a nested walk', () => {
  it('goes through the first stage, whose tables and output go through the second', () => {
    const memory = nested();
    expect(memory.told(VA + 0x123n)).toBe('0x83210123');
    expect(memory.told({ address: VA, write: true })).toBe('0x83210000');
  });

  it('lets through what both stages let through', () => {
    const first = nested({ leaf: PAGE | READ_ONLY, more: { WPE: 1 } });
    expect(first.told(VA)).toBe('0x83210000');
    expect(first.told({ address: VA, write: true })).toMatch(/^fault/);
    const second = nested({ host: 0x8000_0000n | READABLE });
    expect(second.told(VA)).toBe('0x83210000');
    expect(second.told({ address: VA, write: true })).toMatch(/^fault/);
  });

  it('refuses a table, and a page, that the second stage does not map', () => {
    expect(nested({ more: { FSPTPTR: 0x80_0000_0000n } }).told(VA)).toMatch(/^fault/);
    expect(nested({ leaf: 0x80_0000_0000n | USER_PAGE }).told(VA)).toMatch(/^fault/);
  });

  it('has no second stage beyond what the host addresses', () => {
    expect(nested({ more: { SSPTPTR: 1n << 46n } }).told(VA)).toBe(RESERVED);
  });
});

describe('an entry', () => {
  it('may keep extended accessed flags where the unit has them, and nowhere else', () => {
    const told = (EAFS: number) =>
      new VtdMemory('scalable', unit({ ecap: { EAFS } }))
        .first({ EAFE: 1 })
        .map(TABLES, VA, 4, [USER_PAGE, USER_PAGE, USER_PAGE, PAGE | USER_PAGE])
        .told(VA);
    expect(told(1)).toBe('0x43210000');
    expect(told(0)).toMatch(/^fault/);
  });

  it('of the context table may ask for translations of devices, where the unit has them', () => {
    const told = (DT: number) =>
      new VtdMemory('scalable', unit({ ecap: { DT } }))
        .context({ DTE: 1 })
        .first()
        .map(TABLES, VA, 4, [USER_PAGE, USER_PAGE, USER_PAGE, PAGE | USER_PAGE])
        .told(VA);
    expect(told(1)).toBe('0x43210000');
    expect(told(0)).toMatch(/^fault/);
  });
});
