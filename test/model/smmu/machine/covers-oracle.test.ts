import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intended } from '../../../../model/rules.ts';
import { coverageOf } from '../../../../model/smmu/machine/covers.ts';
import { atcEntry, cdEntry, type Entry, steEntry, tlbEntry } from '../../../../model/smmu/machine/entry.ts';
import { isIllegal } from '../../../../spec/smmuv3/illegal-command.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

/*
 * What an invalidation takes away, once more and by itself: from the two doublewords of a command, bit by bit, as IHI0070 4.3
 * to 4.5 draw them, for one page of one entry at a time. It shares no code with the model.
 */

const { platform } = guestDma;
const PAGES = 70;

function bits(word: bigint, lsb: number, width: number): number {
  return Number((word >> BigInt(lsb)) & ((1n << BigInt(width)) - 1n));
}

/** StreamIDs of the streams, in the order of the devices and of their StreamIDs. */
const STREAMS = platform.devices.flatMap(({ iommu, streamIds }) => streamIds.map((id) => ({ iommu, id })));

function namesStream([w0, w1]: Pair, smmu: number, stream: number): boolean {
  const { iommu, id } = STREAMS[stream] as (typeof STREAMS)[number];
  if (iommu !== smmu) return false;
  const start = bits(w0, 32, 32);
  if (bits(w0, 0, 8) !== 0x04) return id === start;
  const range = bits(w1, 0, 5);
  return range === 31 || id >> (range + 1) === start >> (range + 1);
}

type Pair = readonly [bigint, bigint];

function namesPage([w0, w1]: Pair, ranges: boolean, page: number): boolean {
  const first = Number(w1 >> 12n);
  const tg = bits(w1, 10, 2);
  if (!ranges || tg === 0) return page === first;
  // Of this machine's pages: 4 KiB, at level 3.
  if (tg !== 1) return false;
  const ttl = bits(w1, 8, 2);
  if (ttl !== 0 && ttl !== 3) return false;
  const count = (bits(w0, 12, 5) + 1) * 2 ** bits(w0, 20, 5);
  return page >= first && page < first + count;
}

function takes(words: Pair, smmu: number, ranges: boolean, entry: Entry, page: number): boolean {
  const [w0, w1] = words;
  const opcode = bits(w0, 0, 8);
  switch (entry.cache) {
    case 'ste':
      return (opcode === 0x03 || opcode === 0x04) && namesStream(words, smmu, entry.stream);
    case 'cd':
      if (opcode === 0x05 && bits(w0, 12, 20) !== entry.index) return false;
      return opcode >= 0x03 && opcode <= 0x06 && namesStream(words, smmu, entry.stream);
    case 'tlb': {
      if (entry.smmu !== smmu) return false;
      if (opcode === 0x30) return true;
      if (bits(w0, 32, 16) !== entry.vmid) return false;
      if (opcode === 0x28) return true;
      if (opcode === 0x2a) return entry.holds === 'stage2' && namesPage(words, ranges, page);
      if (entry.holds === 'stage2') return false;
      const asid = bits(w0, 48, 16);
      if (opcode === 0x10) return true;
      if (opcode === 0x11) return entry.asid === asid;
      if (opcode === 0x13) return namesPage(words, ranges, page);
      return (
        opcode === 0x12 && (entry.asid === null || entry.asid === asid) && namesPage(words, ranges, page)
      );
    }
    case 'atc': {
      if (opcode !== 0x40 || !namesStream(words, smmu, entry.stream)) return false;
      const [ssv, global] = [bits(w0, 11, 1), bits(w0, 9, 1)];
      if (ssv === 1 && global === 0 && entry.ssid !== bits(w0, 12, 20)) return false;
      const size = bits(w1, 0, 6);
      return size >= 52 || Math.floor(page / 2 ** size) === Math.floor(Number(w1 >> 12n) / 2 ** size);
    }
  }
}

const small = (max: number) => fc.integer({ min: 0, max });
const OPCODES = [0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x28, 0x2a, 0x30, 0x40];

const command = fc
  .record({
    opcode: fc.constantFrom(...OPCODES),
    high: fc.oneof(fc.constantFrom(...STREAMS.map(({ id }) => id)), small(6), small(0x3f)),
    asid: small(3),
    num: fc.oneof(small(3), small(31)),
    scale: fc.oneof(small(2), small(31)),
    flags: small(7),
    page: small(PAGES),
    tg: small(3),
    ttl: small(3),
    low: fc.oneof(small(3), small(63)),
  })
  .map(({ opcode, high, asid, num, scale, flags, page, tg, ttl, low }): Pair => {
    const op = BigInt(opcode);
    const top = BigInt(high) << 32n;
    const address = BigInt(page) << 12n;
    if (opcode === 0x04) return [op | top, BigInt(low & 31)];
    if (opcode === 0x05) return [op | (BigInt(flags) << 12n) | top, 0n];
    if (opcode <= 0x06) return [op | top, 0n];
    if (opcode === 0x40)
      return [
        op |
          (BigInt(flags & 1) << 9n) |
          (BigInt((flags >> 1) & 1) << 11n) |
          (BigInt(flags >> 2) << 12n) |
          top,
        BigInt(low) | address,
      ];
    const vmid = opcode === 0x30 ? 0n : BigInt(high & 7) << 32n;
    const tag = opcode === 0x11 || opcode === 0x12 ? BigInt(asid) << 48n : 0n;
    if (![0x12, 0x13, 0x2a].includes(opcode)) return [op | vmid | tag, 0n];
    return [
      op | (BigInt(num) << 12n) | (BigInt(scale) << 20n) | vmid | tag,
      BigInt(flags & 1) | (BigInt(ttl) << 8n) | (BigInt(tg) << 10n) | address,
    ];
  })
  .filter((words) => !isIllegal(words));

const entry: fc.Arbitrary<Entry> = fc.oneof(
  small(STREAMS.length - 1).map((stream) => steEntry(stream, [0n, 0n])),
  fc.tuple(small(STREAMS.length - 1), small(7)).map(([stream, index]) => cdEntry(stream, index, null)),
  fc
    .record({
      smmu: small(platform.iommus.length - 1),
      holds: fc.constantFrom('stage1', 'stage2', 'nested'),
      vmid: small(6),
      asid: fc.option(small(3)),
      first: small(40),
      length: small(29),
    })
    .map(({ smmu, holds, vmid, asid, first, length }) =>
      tlbEntry({
        ...{ smmu, holds, vmid, asid: holds === 'stage2' ? null : asid, first, last: first + length },
        ...{ out: 1, ipa: 1, writable: true, read: true, write: true },
      }),
    ),
  fc
    .record({
      stream: small(STREAMS.length - 1),
      ssid: fc.option(small(1)),
      first: small(40),
      length: small(29),
    })
    .map(({ stream, ssid, first, length }) =>
      atcEntry({ stream, ssid, first, last: first + length, out: 1, read: true, write: true }),
    ),
);

describe('the coverage of an invalidation', () => {
  it('is what its words say, page by page', () => {
    let taken = 0;
    fc.assert(
      fc.property(command, entry, small(platform.iommus.length - 1), (words, held, smmu) => {
        const ranges = ((Number(platform.iommus[smmu]?.idr[3] ?? 0) >> 10) & 1) === 1;
        const covers = coverageOf(platform, smmu, words, intended.smmuMachine)(held);
        const run = 'first' in held ? held : { first: 0, last: 0 };
        for (let page = run.first; page <= run.last; page++) {
          const own = takes(words, smmu, ranges, held, page);
          if (own) taken++;
          const models = covers.some(({ first, last }) => first <= page && page <= last);
          expect({ page, taken: models }).toEqual({ page, taken: own });
        }
      }),
      { numRuns: 6000 },
    );
    expect(taken).toBeGreaterThan(1500);
  });
});
