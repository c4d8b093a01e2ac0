import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { smmuArchitectureIntended } from '../../../../model/smmu/architecture/rules.ts';
import {
  acknowledgeCommand,
  cmdqConsOf,
  issueCommands,
  queueCommands,
} from '../../../../model/smmu/qemu/command.ts';
import { enabledSmmu, installSte, type QemuSmmu, writeCr0 } from '../../../../model/smmu/qemu/smmu.ts';
import { find, insert, NO_ASID, type Tlb, type TlbEntry } from '../../../../model/smmu/qemu/tlb.ts';
import { translateCached } from '../../../../model/smmu/qemu/translate.ts';
import { smmuQemu11 } from '../../../../overrides/deviations/smmu-qemu-11.ts';
import { encode } from '../../../../spec/bits.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { CommandError, cr0 } from '../../../../spec/smmuv3/registers.ts';
import { SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { ipaOf, Machine, REGISTERS, S1_PAGE, S2_PAGE, SID } from '../machine.ts';

const SMMUEN = Number(encode(cr0, { SMMUEN: 1 })[0]);
const CMDQEN = Number(encode(cr0, { CMDQEN: 1 })[0]);

const page = (number: number): bigint => BigInt(number) << 12n;

function entry(number: number, changes: Partial<TlbEntry> = {}): TlbEntry {
  return {
    asid: 5,
    vmid: 9,
    granule: 12,
    level: 3,
    input: page(number),
    output: page(number + 0x1000),
    shift: 12,
    read: true,
    write: true,
    stage2Write: true,
    ...changes,
  };
}

/** What is left of some entries after commands. */
function left(tlb: Tlb, ...commands: (readonly bigint[])[]): Tlb {
  const { smmu } = issueCommands({ ...enabledSmmu(REGISTERS), tlb }, commands);
  return smmu.tlb;
}

describe('the TLB', () => {
  it('is emptied by the 257th entry', () => {
    let tlb: Tlb = [];
    for (let number = 0; number < 256; number++) tlb = insert(tlb, entry(number));
    expect(tlb).toHaveLength(256);
    expect(insert(tlb, entry(256))).toEqual([entry(256)]);
  });

  it('finds a block by any address in it', () => {
    const block = entry(0x200, { level: 2, shift: 21 });
    const tags = { asid: 5, vmid: 9, inputBits: 48, granule: 12 } as const;
    expect(find([block], tags, page(0x3ff) + 0xfffn)).toBe(block);
    expect(find([block], tags, page(0x400))).toBeUndefined();
    expect(find([block], { ...tags, asid: NO_ASID }, page(0x200))).toBeUndefined();
  });
});

describe('TLBI', () => {
  const mine = entry(1);
  const otherAsid = entry(1, { asid: 6 });
  const otherVmid = entry(1, { vmid: 8 });
  const ipa = entry(1, { asid: NO_ASID });
  const neighbour = entry(2);
  const all = [mine, otherAsid, otherVmid, ipa, neighbour];
  const address = { VMID: 9, Address: page(1) };

  it.each([
    ['NH_ALL keeps the IPA space', encodeCommand('TLBI_NH_ALL', { VMID: 9 }), [otherVmid, ipa]],
    ['NH_ASID', encodeCommand('TLBI_NH_ASID', { VMID: 9, ASID: 5 }), [otherAsid, otherVmid, ipa]],
    ['NH_VA', encodeCommand('TLBI_NH_VA', { ...address, ASID: 5 }), [otherAsid, otherVmid, ipa, neighbour]],
    ['NH_VAA', encodeCommand('TLBI_NH_VAA', address), [otherVmid, neighbour]],
    ['S2_IPA', encodeCommand('TLBI_S2_IPA', address), [mine, otherAsid, otherVmid, neighbour]],
    ['S12_VMALL', encodeCommand('TLBI_S12_VMALL', { VMID: 9 }), [otherVmid]],
    ['NSNH_ALL', encodeCommand('TLBI_NSNH_ALL'), []],
    ['EL2_ALL does nothing', encodeCommand('TLBI_EL2_ALL'), all],
  ])('%s', (_, command, expected) => {
    expect(left(all, command)).toEqual(expected);
  });

  it('drops the block that an address lies in', () => {
    const block = entry(0x200, { level: 2, shift: 21 });
    const command = encodeCommand('TLBI_NH_VA', { VMID: 9, ASID: 5, Address: page(0x301) });
    expect(left([block], command)).toEqual([]);
  });

  it('with TTL drops the entry of that level only', () => {
    const block = entry(0, { level: 2, shift: 21 });
    const small = entry(0);
    const fields = { VMID: 9, ASID: 5, Address: 0n, TG: 1 } as const;
    expect(left([block, small], encodeCommand('TLBI_NH_VA', { ...fields, TTL: 3 }))).toEqual([block]);
    expect(left([block, small], encodeCommand('TLBI_NH_VA', { ...fields, TTL: 2 }))).toEqual([small]);
    const two = { ...fields, NUM: 1 };
    expect(left([block, small], encodeCommand('TLBI_NH_VA', two))).toEqual([]);
  });

  test.prop([
    fc.nat({ max: 300 }),
    fc.nat({ max: 31 }),
    fc.nat({ max: 4 }),
    fc.uniqueArray(fc.nat({ max: 1000 }), { maxLength: 20 }),
  ])('of a range drops exactly its pages', (first, num, scale, numbers) => {
    const tlb = numbers.map((number) => entry(number));
    const pages = (num + 1) * 2 ** scale;
    const command = encodeCommand('TLBI_NH_VA', {
      VMID: 9,
      ASID: 5,
      Address: page(first),
      TG: 1,
      NUM: num,
      SCALE: scale,
    });
    const kept = numbers.filter((number) => number < first || number >= first + pages);
    expect(left(tlb, command)).toEqual(kept.map((number) => entry(number)));
  });
});

const IOVA = 0x1234_5000n;
const PAGE = 0x4100_0000n;

/** A device behind nested translation, its STE installed. */
function installed() {
  const machine = new Machine(SteConfig.Nested)
    .s1(IOVA, ipaOf(PAGE) | S1_PAGE)
    .s2Tables()
    .s2(ipaOf(PAGE), PAGE | S2_PAGE);
  const words = encode(ste, machine.ste);
  return { machine, words, smmu: installSte(enabledSmmu(REGISTERS), SID, words) };
}

describe('an SMMU with installed STEs', () => {
  const run = (smmu: QemuSmmu, machine: Machine, streamId = SID) =>
    translateCached(smmu, dataAccess(streamId, IOVA, 'read'), machine.read, smmuQemu11);

  it('translates, and refuses StreamIDs that have none', () => {
    const { machine, smmu } = installed();
    expect(run(smmu, machine).outcome).toEqual({ kind: 'translated', address: PAGE });
    const refused = run(smmu, machine, SID + 1);
    expect(refused.event).toEqual([0x9_0000_0004n, 0n, 0n, 0n]);
    expect(refused.smmu.eventQueue.prod).toBe(1);
  });

  it('keeps an STE that was replaced until CFGI', () => {
    const { machine, smmu } = installed();
    const warm = run(smmu, machine).smmu;
    const replaced = installSte(warm, SID, encode(ste, { V: 1, Config: SteConfig.Abort }));
    expect(run(replaced, machine).outcome.kind).toBe('translated');
    const command = encodeCommand('CFGI_STE', { StreamID: SID, Leaf: 1 });
    const { smmu: after } = issueCommands(replaced, [command]);
    expect(run(after, machine).outcome).toEqual({ kind: 'silent', response: 'abort' });
  });

  it('shares nothing with another SMMU', () => {
    const { machine, words, smmu } = installed();
    const other = installSte(enabledSmmu(REGISTERS), SID, words);
    const warm = run(smmu, machine).smmu;
    machine.s2(ipaOf(PAGE), 0n);
    expect(run(warm, machine).outcome.kind).toBe('translated');
    expect(run(other, machine).outcome.kind).toBe('fault');
  });

  it('leaves its previous states as they were', () => {
    const { machine, smmu } = installed();
    const before = structuredClone(smmu);
    const { smmu: after } = run(smmu, machine);
    issueCommands(after, [encodeCommand('TLBI_NSNH_ALL'), encodeCommand('CFGI_STE_RANGE', { Range: 31 })]);
    expect(smmu).toEqual(before);
    expect(after.tlb.length).toBeGreaterThan(0);
  });

  it('drops the configurations of an aligned range of StreamIDs', () => {
    const { machine, words, smmu } = installed();
    const streams = [15, 16, 19, 20];
    const warm = streams.reduce((state, sid) => run(installSte(state, sid, words), machine, sid).smmu, smmu);
    const command = encodeCommand('CFGI_STE_RANGE', { StreamID: 18, Range: 1 });
    const { configurations } = issueCommands(warm, [command]).smmu;
    expect(Object.keys(configurations)).toEqual(['15', '20']);
  });

  it('stops at an illegal command until the error is acknowledged', () => {
    const { smmu } = installed();
    const commands = [encodeCommand('SYNC'), [0xffn, 0n], encodeCommand('SYNC')];
    const stopped = issueCommands(smmu, commands);
    expect(stopped.executed).toBe(1);
    expect(issueCommands(stopped.smmu, [encodeCommand('SYNC')]).executed).toBe(0);
    const acknowledged = { ...stopped.smmu, gerrorn: stopped.smmu.gerror };
    expect(issueCommands(acknowledged, [encodeCommand('SYNC')]).executed).toBe(1);
  });
});

describe('the command queue', () => {
  const CLEAR = encodeCommand('TLBI_NSNH_ALL');
  const cached = { ...enabledSmmu(REGISTERS), tlb: [entry(1)] };

  it('executes what was queued while it was disabled, once it is enabled', () => {
    const queued = queueCommands(writeCr0(cached, SMMUEN), [CLEAR], smmuArchitectureIntended);
    expect(queued.tlb).toHaveLength(1);
    const after = queueCommands(writeCr0(queued, SMMUEN | CMDQEN), [], smmuArchitectureIntended);
    expect(after).toMatchObject({ tlb: [], waiting: [] });
  });

  it('stops before a command that is illegal, and goes on behind it once the error is acknowledged', () => {
    const stopped = queueCommands(cached, [encodeCommand('ATC_INV'), CLEAR], smmuArchitectureIntended);
    expect(cmdqConsOf(stopped)).toBe(CommandError.Illegal << 24);
    expect(stopped.tlb).toHaveLength(1);
    const after = acknowledgeCommand(stopped, smmuArchitectureIntended);
    expect(after).toMatchObject({ tlb: [], waiting: [] });
    expect(cmdqConsOf(after)).toBe(2);
  });

  it.each<[string, readonly bigint[]]>([
    ['CMD_SYNC of a reserved CS', encodeCommand('SYNC', { CS: 3 })],
    ['CMD_TLBI_EL2_ALL without IDR0.HYP', encodeCommand('TLBI_EL2_ALL')],
    ['CMD_TLBI_EL3_ALL', encodeCommand('TLBI_EL3_ALL')],
    ['CMD_PRI_RESP without IDR0.PRI', encodeCommand('PRI_RESP')],
    ['CMD_ATC_INV without IDR0.ATS', encodeCommand('ATC_INV')],
    ['CMD_RESUME where nothing stalls', encodeCommand('RESUME')],
    ['CMD_STALL_TERM where nothing stalls', encodeCommand('STALL_TERM')],
    ['a range with neither a length nor a level', encodeCommand('TLBI_NH_VA', { TG: 1 })],
    ['CMD_CFGI_STE with SSec', encodeCommand('CFGI_STE', { SSec: 1 })],
  ])('stops at %s; QEMU 11 at the last only', (what, command) => {
    expect(queueCommands(cached, [command], smmuArchitectureIntended).waiting).toHaveLength(1);
    const refused = what.endsWith('SSec');
    expect(queueCommands(cached, [command], smmuQemu11).waiting).toHaveLength(refused ? 1 : 0);
  });

  it('stops at a range of a granule that is not there, where there are ranges', () => {
    const [GRAN16K, RIL] = [1 << 5, 1 << 10];
    const range = encodeCommand('TLBI_NH_VAA', { TG: 2, NUM: 1 });
    const left = (changes: Partial<typeof REGISTERS>, rules = smmuArchitectureIntended) =>
      queueCommands(enabledSmmu({ ...REGISTERS, ...changes }), [range], rules).waiting.length;
    expect(left({})).toBe(0);
    expect(left({ IDR5: REGISTERS.IDR5 & ~GRAN16K })).toBe(1);
    expect(left({ IDR5: REGISTERS.IDR5 & ~GRAN16K }, smmuQemu11)).toBe(0);
    expect(left({ IDR5: REGISTERS.IDR5 & ~GRAN16K, IDR3: REGISTERS.IDR3 & ~RIL })).toBe(0);
  });
});
