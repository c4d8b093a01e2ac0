import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../spec/bits.ts';
import { commands, decodeCommand, encodeCommand } from '../../../spec/smmuv3/command.ts';
import { decodeEvent, EventClass, encodeEvent, eventNameOf } from '../../../spec/smmuv3/event.ts';
import { idr0, idr1, idr3, idr5, StallModel, TtEndian } from '../../../spec/smmuv3/id-registers.ts';
import { AddressSize, guestSteMask, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';

describe('the registers of a recorded SMMUv3', () => {
  it('say what the machine implements', () => {
    expect(decode(idr0, [0x0d44101bn])).toMatchObject({
      S1P: 1,
      S2P: 1,
      TTF: 2,
      ASID16: 1,
      VMID16: 1,
      CD2L: 0,
      TTENDIAN: TtEndian.Little,
      STALL_MODEL: StallModel.NoStall,
      TERM_MODEL: 1,
      ST_LEVEL: 1,
      HTTU: 0,
      ATS: 0,
    });
    expect(decode(idr1, [0x02730010n])).toMatchObject({ SIDSIZE: 16, SSIDSIZE: 0, EVENTQS: 19, CMDQS: 19 });
    expect(decode(idr3, [0x1414n])).toMatchObject({ HAD: 1, XNX: 1, RIL: 1, BBML: 2, FWB: 0, STT: 0 });
    expect(decode(idr5, [0x74n])).toMatchObject({
      OAS: AddressSize.Bits44,
      GRAN4K: 1,
      GRAN16K: 1,
      GRAN64K: 1,
    });
  });
});

describe('a stream table entry', () => {
  it('lies in memory as the architecture draws it', () => {
    expect(
      encode(ste, { V: 1, Config: SteConfig.Nested, S1ContextPtr: 0x4140_0000n, S2VMID: 9, S2R: 1 }),
    ).toEqual([0x4140_000fn, 0n, 0x0400_0000_0000_0009n, 0n, 0n, 0n, 0n, 0n]);
  });

  it('gives the guest its own bits of the first two doublewords, and no other', () => {
    expect(guestSteMask).toEqual([0xf80f_ffff_ffff_ffffn, 0x3800_00ffn, 0n, 0n, 0n, 0n, 0n, 0n]);
  });
});

describe('a command', () => {
  it.each([
    ['CFGI_STE', encodeCommand('CFGI_STE', { StreamID: 8, Leaf: 1 }), [0x8_0000_0003n, 1n]],
    [
      'TLBI_NH_VA',
      encodeCommand('TLBI_NH_VA', { VMID: 9, ASID: 5, Address: 0x7f00_1234_5000n, Leaf: 1 }),
      [0x0005_0009_0000_0012n, 0x7f00_1234_5001n],
    ],
    [
      'TLBI_S2_IPA',
      encodeCommand('TLBI_S2_IPA', { VMID: 9, Address: 0x1_4100_0000n }),
      [0x9_0000_002an, 0x1_4100_0000n],
    ],
    ['SYNC', encodeCommand('SYNC', { CS: 1 }), [0x1046n, 0n]],
  ])('%s has the words that the architecture gives it', (_, words, expected) => {
    expect(words).toEqual(expected);
  });

  it.each(Object.entries(commands))('%s is recognised by its opcode %o', (name, { opcode }) => {
    expect(decodeCommand([BigInt(opcode), 0n])?.name).toBe(name);
  });

  it.each([0x00, 0x08, 0x70, 0x7f, 0xff])('opcode %i names nothing', (opcode) => {
    expect(decodeCommand([BigInt(opcode), 0n])).toBeUndefined();
  });
});

describe('an event record', () => {
  it('reads as the architecture names it', () => {
    const words = encodeEvent('F_TRANSLATION', {
      StreamID: 8,
      RnW: 1,
      S2: 1,
      CLASS: EventClass.IN,
      InputAddr: 0x1234_567n,
      IPA: 0x3_0000_0000n,
    });
    expect(words).toEqual([0x8_0000_0010n, 0x0288_0000_0000n, 0x1234_567n, 0x3_0000_0000n]);
    expect(decodeEvent(words)).toMatchObject({ name: 'F_TRANSLATION', fields: { StreamID: 8, S2: 1 } });
  });

  it('of a reserved type has no name', () => {
    expect(eventNameOf(0x10)).toBe('F_TRANSLATION');
    expect(eventNameOf(0x0c)).toBeUndefined();
    expect(decodeEvent([0x0cn, 0n, 0n, 0n])).toBeUndefined();
  });
});
