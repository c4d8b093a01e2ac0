import { describe, expect, it } from 'vitest';
import { clearGuest, NO_MEMORY, readGuest, writeGuest } from '../../../model/vmm/memory.ts';
import { steAddress } from '../../../model/vmm/ste-place.ts';

describe('the memory of a guest', () => {
  it('has zeros where it was cleared, and the rest as it was', () => {
    const memory = clearGuest(writeGuest(NO_MEMORY, 0x1000n, [1n, 2n, 3n]), 0x1008n, 0x1010n);
    expect([0x1000n, 0x1008n, 0x1010n].map((address) => readGuest(memory, address))).toEqual([1n, 0n, 3n]);
  });

  it('has no entry for a StreamID behind the last of the stream table', () => {
    const table = { STRTAB_BASE: 0x4000_0000n, STRTAB_BASE_CFG: 3 };
    expect(steAddress(table, NO_MEMORY, 7)).toBe(0x4000_01c0n);
    expect([-1, 8].map((vsid) => steAddress(table, NO_MEMORY, vsid))).toEqual([null, null]);
  });
});
