import { describe, expect, it } from 'vitest';
import {
  CDS_PER_PAGE,
  type GuestMemory,
  pteIndexOf,
  vaPageOf,
  writeCd,
  writePte,
} from '../../../../model/smmu/machine/guest-memory.ts';
import { ipaOf, Lab } from './lab.ts';

describe('the descriptor of a VA page', () => {
  it.each([
    ['the first', 0, 0],
    ['the last below the gap', 511, 511],
    ['the first in the gap', 512, -1],
    ['one as far before the MSI window as another lies in the table', 0x7e01, -1],
    ['the last in the gap', 0x7fff, -1],
    ['the first of the MSI window', 0x8000, 512],
    ['the last of it', 0x80ff, 767],
    ['the first behind it', 0x8100, -1],
  ])('%s', (_what, page, index) => {
    expect(pteIndexOf(page)).toBe(index);
    if (index >= 0) expect(vaPageOf(index)).toBe(page);
  });
});

describe("a page of a guest's memory", () => {
  const CD = { asid: 1, table: 2, recorded: true };
  const PTE = { ipa: 3, writable: true, global: false };
  const withCd = writeCd([], 0, 1, CD);
  const withPte = writePte([], 0, 1, PTE);

  it('is the same where what is written is there already', () => {
    expect(writeCd(withCd, 0, 1, { ...CD })).toBe(withCd);
    expect(writePte(withPte, 0, 1, { ...PTE })).toBe(withPte);
  });

  it.each<[string, GuestMemory, GuestMemory]>([
    ['an ASID', withCd, writeCd(withCd, 0, 1, { ...CD, asid: 2 })],
    ['a table', withCd, writeCd(withCd, 0, 1, { ...CD, table: 4 })],
    ['whether faults are recorded', withCd, writeCd(withCd, 0, 1, { ...CD, recorded: false })],
    ['an output', withPte, writePte(withPte, 0, 1, { ...PTE, ipa: 4 })],
    ['a right', withPte, writePte(withPte, 0, 1, { ...PTE, writable: false })],
    ['nG', withPte, writePte(withPte, 0, 1, { ...PTE, global: true })],
  ])('is another one with another %s', (_what, before, after) => {
    expect(after).not.toEqual(before);
  });

  it('has CDs only as far as it goes', () => {
    const lab = new Lab();
    const write = (slot: number) => {
      lab.do('guest:vm0', 'guestWriteCd', { page: 0, slot, valid: true, asid: 1, table: ipaOf(1) });
      return lab.last?.result;
    };
    expect(write(CDS_PER_PAGE - 1)).toMatchObject({ ok: true });
    expect(write(CDS_PER_PAGE)).toMatchObject({ ok: false, errno: 'EINVAL' });
  });
});
