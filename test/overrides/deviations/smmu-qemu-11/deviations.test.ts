import { beforeAll, describe, expect, it } from 'vitest';
import { memoryOf, observe } from '../../../../conformance/vectors/observe.ts';
import { readVectorFile } from '../../../../conformance/vectors/read.ts';
import { replayVectors } from '../../../../conformance/vectors/replay.ts';
import type { VectorAccess, VectorConfig, VectorFile } from '../../../../conformance/vectors/vector-file.ts';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import {
  type SmmuArchitectureRules,
  smmuArchitectureIntended,
} from '../../../../model/smmu/architecture/rules.ts';
import { type Registers, smmuOf, translate } from '../../../../model/smmu/architecture/translate.ts';
import { cmdqConsOf, issueCommands } from '../../../../model/smmu/qemu/command.ts';
import { eventqProdOf, recordEvent } from '../../../../model/smmu/qemu/event-queue.ts';
import {
  enabledSmmu,
  installSte,
  reset,
  resetAgain,
  resizeQueues,
  writeCr0,
  writeCr2,
  writeGerrorn,
  writeStreamTable,
} from '../../../../model/smmu/qemu/smmu.ts';
import { NO_ASID, type TlbEntry } from '../../../../model/smmu/qemu/tlb.ts';
import { translateCached } from '../../../../model/smmu/qemu/translate.ts';
import {
  smmuQemu11,
  smmuQemu11Deviations,
  withDeviations,
} from '../../../../overrides/deviations/smmu-qemu-11.ts';
import { encode } from '../../../../spec/bits.ts';
import { GranuleTtb1 } from '../../../../spec/smmuv3/cd.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { AddressSize, Granule, SteConfig, Strw, ste } from '../../../../spec/smmuv3/ste.ts';
import {
  describeOutcome,
  ipaOf,
  Machine,
  OUTSIDE,
  physical,
  REGISTERS,
  S1_PAGE,
  S2_PAGE,
  SID,
} from '../../../model/smmu/machine.ts';

const PAGE = 0x4100_0000n;
const VA = 0x1234_5000n;
const { S1Trans, S2Trans, Nested, Bypass } = SteConfig;

function nested(): Machine {
  return new Machine(Nested)
    .s1(VA, ipaOf(PAGE) | S1_PAGE)
    .s2Tables()
    .s2(ipaOf(PAGE), PAGE | S2_PAGE);
}

/** A read of StreamID 8, whose STE bypasses, through a level 1 descriptor of this span. */
function twoLevel(span: bigint, rules: SmmuArchitectureRules): string {
  const BYPASS = 0b1001n;
  const l1 = 0x4018_0000n;
  const l2 = 0x4018_1000n;
  const memory = new Map([
    [l1, l2 | span],
    [l2 + BigInt(SID * 64), BYPASS],
  ]);
  const registers: Registers = {
    ...REGISTERS,
    CR0: 1,
    CR2: 2,
    GBPA: 0,
    STRTAB_BASE: l1,
    STRTAB_BASE_CFG: (1 << 16) | (6 << 6) | 8,
  };
  const read = (address: bigint) => memory.get(address) ?? 0n;
  return describeOutcome(translate(smmuOf(registers), dataAccess(SID, PAGE, 'read'), read, rules));
}

/** What an SMMU under these rules shows of the only access of a recording, or with another STE, begun so many bytes later. */
function recorded(
  name: string,
  rules: SmmuArchitectureRules,
  { ste, offset = 0n }: { readonly ste?: readonly bigint[]; readonly offset?: bigint } = {},
): string {
  const file = differences.get(name) as VectorFile;
  const [as] = file.configs as [VectorConfig];
  const config = ste === undefined ? as : { ...as, ste: [...ste] };
  const [access] = config.accesses as [VectorAccess];
  const moved = { ...access, iova: access.iova + offset };
  const shown = observe(file, config, moved, implementationOf(file.registers), memoryOf(file, config), rules);
  if ('unmodelled' in shown) return shown.unmodelled;
  const { pa, events } = shown;
  return `${pa === null ? 'none' : `0x${pa.toString(16)}`}, events ${events.map(({ type }) => type).join(' ')}`;
}

/** A page in the TLB, of VMID 9. */
function entry(input: bigint, asid: number): TlbEntry {
  const rights = { read: true, write: true, stage2Write: true } as const;
  return { asid, vmid: 9, granule: 12, level: 3, input, output: PAGE, shift: 12, ...rights };
}

/** Whether it is still there after a command. */
function left(cached: TlbEntry, command: readonly bigint[], rules: SmmuArchitectureRules): string {
  const { smmu } = issueCommands({ ...enabledSmmu(REGISTERS), tlb: [cached] }, [command], rules);
  return smmu.tlb.length === 0 ? 'fresh' : 'stale';
}

interface Case {
  /** A configuration and an access where the two part. */
  readonly run: (rules: SmmuArchitectureRules) => string;
  readonly architecture: string;
  readonly qemu: string;
  /** How many recorded accesses disagree when every deviation but this one is in force. */
  readonly vectors: number;
}

const cases: Readonly<Record<string, Case>> = {
  'ap1-ignored': {
    run: (rules) => new Machine(S1Trans).s1(VA, PAGE | 0x403n).reads(VA, rules),
    architecture: 'F_PERMISSION S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'PA 0x41000000',
    vectors: 949,
  },
  'aptable-checked-at-table': {
    run: (rules) => {
      const machine = new Machine(S1Trans);
      const APTABLE_READ_ONLY = 1n << 62n;
      return machine.store(machine.stage1.root, [0x4031_0003n | APTABLE_READ_ONLY]).writes(VA, rules);
    },
    architecture: 'F_TRANSLATION S2=0 CLASS=IN RnW=0 w3=0x0',
    qemu: 'F_PERMISSION S2=0 CLASS=IN RnW=0 w3=0x0',
    vectors: 5,
  },
  'bad-ste-beyond-span': {
    run: (rules) => twoLevel(2n, rules),
    architecture: 'C_BAD_STREAMID',
    qemu: 'C_BAD_STE',
    vectors: 0,
  },
  'bypass-beyond-oas': {
    run: (rules) => new Machine(Bypass).reads(1n << 45n, rules),
    architecture: 'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'PA 0x200000000000',
    vectors: 0,
  },
  'cached-translation-refuses': {
    run: (rules) => {
      // A write has cached the page, which may be written and not read.
      const WRITE_ONLY = 0x4bfn;
      const machine = new Machine(S2Trans).s2(VA, PAGE | WRITE_ONLY);
      const smmu = installSte(enabledSmmu(REGISTERS), SID, encode(ste, machine.ste));
      const warm = translateCached(smmu, dataAccess(SID, VA, 'write'), machine.read, rules).smmu;
      const { outcome } = translateCached(warm, dataAccess(SID, VA, 'read'), machine.read, rules);
      return describeOutcome(outcome);
    },
    architecture: 'F_PERMISSION S2=1 CLASS=IN RnW=1 w3=0x12345000',
    qemu: 'silent abort',
    vectors: 0,
  },
  'cd-fetch-address-in-dword-2': {
    run: (rules) => new Machine(S1Trans).with({ S1ContextPtr: OUTSIDE }).reads(VA, rules),
    architecture: 'F_CD_FETCH w2=0x0 w3=0x60000000',
    qemu: 'F_CD_FETCH w2=0x60000000 w3=0x0',
    vectors: 0,
  },
  'command-error-stays': {
    run: (rules) => {
      const stopped = issueCommands(enabledSmmu(REGISTERS), [[0x7fn, 0n]], rules).smmu;
      const acknowledged = writeGerrorn(stopped, stopped.gerror);
      const { smmu } = issueCommands(acknowledged, [encodeCommand('SYNC')], rules);
      return `CMDQ_CONS 0x${cmdqConsOf(smmu).toString(16)}`;
    },
    architecture: 'CMDQ_CONS 0x1',
    qemu: 'CMDQ_CONS 0x1000001',
    vectors: 0,
  },
  'commands-unjudged': {
    run: (rules) => {
      const commands = [encodeCommand('ATC_INV')];
      return `${issueCommands(enabledSmmu(REGISTERS), commands, rules).executed} executed`;
    },
    architecture: '0 executed',
    qemu: '1 executed',
    vectors: 0,
  },
  'configuration-faults-read': {
    run: (rules) => new Machine(Nested).writes(VA, rules),
    architecture: 'F_TRANSLATION S2=1 CLASS=CD RnW=0 w3=0x140200000',
    qemu: 'F_TRANSLATION S2=1 CLASS=CD RnW=1 w3=0x140200000',
    vectors: 138,
  },
  'context-pointer-unchecked': {
    run: (rules) => recorded('s1-contextptr-beyond-oas', rules),
    architecture: 'none, events 4',
    qemu: 'none, events 9',
    vectors: 0,
  },
  'ends-at-aarch32': {
    run: (rules) => new Machine(S2Trans).with({ S2AA64: 0 }).reads(VA, rules),
    architecture: 'C_BAD_STE',
    qemu: 'unmodelled: the end of the emulator',
    vectors: 0,
  },
  'ends-at-reserved-ips': {
    run: (rules) =>
      new Machine(S1Trans)
        .s1(VA, PAGE | S1_PAGE)
        .cd({ IPS: 7 })
        .reads(VA, rules),
    architecture: 'PA 0x41000000',
    qemu: 'unmodelled: the end of the emulator',
    vectors: 0,
  },
  'fault-every-4-bytes': {
    // An invalid STE, and four bytes that are not aligned.
    run: (rules) => recorded('ttb0-in-flash', rules, { ste: new Array<bigint>(8).fill(0n), offset: 2n }),
    architecture: 'none, events 4',
    qemu: 'none, events 4 4',
    vectors: 0,
  },
  'first-concatenated-table-only': {
    run: (rules) => {
      const ipa = 1n << 39n;
      return new Machine(S2Trans).s2(ipa, PAGE | S2_PAGE).reads(ipa, rules);
    },
    architecture: 'PA 0x41000000',
    qemu: 'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x8000000000',
    vectors: 414,
  },
  'full-event-queue-is-gerror': {
    run: (rules) => {
      let smmu = resizeQueues(enabledSmmu(REGISTERS), { commands: 1, events: 1 });
      for (let event = 0; event < 3; event++) ({ smmu } = recordEvent(smmu, rules));
      return `PROD=${eventqProdOf(smmu).toString(16)} GERROR=${smmu.gerror}`;
    },
    architecture: 'PROD=80000002 GERROR=0',
    qemu: 'PROD=2 GERROR=4',
    vectors: 0,
  },
  'input-beyond-ias-unrecorded': {
    run: (rules) => new Machine(S2Trans).reads(1n << 45n, rules),
    architecture: 'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'silent abort',
    vectors: 0,
  },
  'ipa-keeps-low-bits': {
    run: (rules) => new Machine(S2Trans).reads(0x1_4100_0044n, rules),
    architecture: 'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x141000000',
    qemu: 'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x141000044',
    vectors: 798,
  },
  'level-2-pointer-unmasked': {
    run: (rules) => twoLevel(7n | (1n << 52n), rules),
    architecture: 'PA 0x41000000',
    qemu: 'C_BAD_STE',
    vectors: 0,
  },
  'lower-table-faults-as-stage-1': {
    run: (rules) => {
      const machine = new Machine(Nested).s2Tables();
      return machine.store(physical(machine.stage1.root), [ipaOf(0x4500_0003n)]).reads(VA, rules);
    },
    architecture: 'F_TRANSLATION S2=1 CLASS=TT RnW=1 w3=0x145000000',
    qemu: 'F_TRANSLATION S2=0 CLASS=TT RnW=1 w3=0x145000000',
    vectors: 14,
  },
  'output-size-checked-last': {
    run: (rules) => new Machine(S1Trans).s1(VA, 0x1234_0000_0043n).reads(VA, rules),
    architecture: 'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'F_ACCESS S2=0 CLASS=IN RnW=1 w3=0x0',
    vectors: 26,
  },
  'range-begins-below-granule': {
    run: (rules) => {
      const fields = { VMID: 9, ASID: 5, TG: 3, NUM: 1, Address: 0x4000n };
      return left(entry(0x5000n, 5), encodeCommand('TLBI_NH_VA', fields), rules);
    },
    architecture: 'fresh',
    qemu: 'stale',
    vectors: 0,
  },
  'reads-outside-ram': {
    run: (rules) => recorded('ttb0-in-flash', rules),
    architecture: 'none, events 11',
    qemu: 'none, events 16',
    vectors: 0,
  },
  'recinvsid-ignored': {
    run: (rules) => {
      const table = writeStreamTable(writeCr0(reset(REGISTERS), 1), PAGE, 3, rules);
      return describeOutcome(translateCached(table, dataAccess(SID, VA, 'read'), () => 0n, rules).outcome);
    },
    architecture: 'silent abort',
    qemu: 'C_BAD_STREAMID',
    vectors: 0,
  },
  'reserved-blocks-accepted': {
    run: (rules) => {
      const BLOCK = 0x441n;
      return new Machine(S1Trans).s1(0n, BLOCK, 0).reads(PAGE, rules);
    },
    architecture: 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  's2-hardware-updates-unchecked': {
    run: (rules) =>
      new Machine(S2Trans)
        .with({ S2HA: 1 })
        .s2(VA, PAGE | S2_PAGE)
        .reads(VA, rules),
    architecture: 'C_BAD_STE',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  's2-input-below-start-level': {
    run: (rules) => {
      const machine = new Machine(S2Trans).with({ S2T0SZ: 34 });
      return machine.s2(VA, PAGE | S2_PAGE).reads(VA, rules);
    },
    architecture: 'C_BAD_STE',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  's2-ipa-unmasked': {
    run: (rules) => {
      const [first = 0n, second = 0n] = encodeCommand('TLBI_S2_IPA', { VMID: 9, Address: 0x5000n });
      return left(entry(0x5000n, NO_ASID), [first, second | (1n << 60n)], rules);
    },
    architecture: 'fresh',
    qemu: 'stale',
    vectors: 0,
  },
  's2ptw-unchecked': {
    run: (rules) => {
      const machine = nested().with({ S2PTW: 1 });
      const DEVICE = 0x4c3n;
      return machine.s2(machine.stage1.root, physical(machine.stage1.root) | DEVICE).reads(VA, rules);
    },
    architecture: 'F_PERMISSION S2=1 CLASS=TT RnW=1 w3=0x140300000',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  's2t0sz-bounded-by-s2ps': {
    run: (rules) => {
      const machine = new Machine(S2Trans).with({ S2PS: AddressSize.Bits36 });
      return machine.s2(VA, PAGE | S2_PAGE).reads(VA, rules);
    },
    architecture: 'PA 0x41000000',
    qemu: 'C_BAD_STE',
    vectors: 0,
  },
  'span-doubled': {
    run: (rules) => twoLevel(4n, rules),
    architecture: 'C_BAD_STREAMID',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  'stage-1-fields-always-checked': {
    run: (rules) =>
      new Machine(S2Trans)
        .with({ S1STALLD: 1 })
        .s2(VA, PAGE | S2_PAGE)
        .reads(VA, rules),
    architecture: 'PA 0x41000000',
    qemu: 'C_BAD_STE',
    vectors: 0,
  },
  'stream-table-half-aligned': {
    run: (rules) => {
      const BYPASS = 0b1001n;
      // 256 entries take 16 KiB.
      const memory = new Map([[0x4010_0000n + BigInt(SID * 64), BYPASS]]);
      const read = (address: bigint) => memory.get(address) ?? 0n;
      const table = (base: bigint) => writeStreamTable(writeCr0(reset(REGISTERS), 1), base, 8, rules);
      return [0x4010_1000n, 0x4010_2000n]
        .map((base) => translateCached(table(base), dataAccess(SID, VA, 'read'), read, rules).outcome)
        .map((outcome) => describeOutcome(outcome))
        .join(', ');
    },
    architecture: 'PA 0x12345000, PA 0x12345000',
    qemu: 'PA 0x12345000, C_BAD_STE',
    vectors: 0,
  },
  'stream-table-survives-reset': {
    run: (rules) => {
      const FMT_TWO_LEVEL = 1 << 16;
      const used = writeStreamTable(reset(REGISTERS), 0x4018_0000n, FMT_TWO_LEVEL | 8, rules);
      const { stes } = resetAgain(used, REGISTERS, rules);
      return stes.kind === 'memory' ? `0x${stes.table.base.toString(16)}, ${stes.table.split}` : stes.kind;
    },
    architecture: '0x0, null',
    qemu: '0x40180000, null',
    vectors: 0,
  },
  'strw-unchecked': {
    run: (rules) =>
      new Machine(S1Trans)
        .with({ STRW: Strw.Any })
        .s1(VA, PAGE | S1_PAGE)
        .reads(VA, rules),
    architecture: 'C_BAD_STE',
    qemu: 'PA 0x41000000',
    vectors: 0,
  },
  'substreams-counted-without-them': {
    // SSIDSIZE is 0.
    run: (rules) =>
      new Machine(S1Trans)
        .with({ S1CDMax: 1 })
        .s1(VA, PAGE | S1_PAGE)
        .reads(VA, rules),
    architecture: 'PA 0x41000000',
    qemu: 'C_BAD_STE',
    vectors: 0,
  },
  'table-base-translated-only': {
    run: (rules) => {
      // The second 4 KiB of a 16 KiB table, which stage 2 puts elsewhere than behind the first.
      const machine = new Machine(Nested, { granule: 14 }).cd({ TG0: Granule.Size16K });
      machine
        .s1(0x0200_0000n, ipaOf(PAGE) | S1_PAGE)
        .s2Tables()
        .s2(ipaOf(PAGE), PAGE | S2_PAGE);
      const secondPage = machine.stage1.free - 0x3000n;
      const moved = 0x4700_0000n;
      machine.memory.set(moved, ipaOf(PAGE) | S1_PAGE);
      return machine.s2(secondPage, moved | S2_PAGE).reads(0x0280_0000n, rules);
    },
    architecture: 'PA 0x41000000',
    qemu: 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0',
    vectors: 10,
  },
  'table-size-unchecked': {
    run: (rules) => {
      const machine = new Machine(S1Trans).cd({ IPS: AddressSize.Bits32 });
      machine.stage1.free = 0x2_0000_0000n;
      return machine.s1(VA, PAGE | S1_PAGE).reads(VA, rules);
    },
    architecture: 'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    qemu: 'PA 0x41000000',
    vectors: 18,
  },
  'tbi1-from-tbi0': {
    run: (rules) => {
      const machine = new Machine(S1Trans).cd({
        EPD1: 0,
        T1SZ: 16,
        TG1: GranuleTtb1.Size4K,
        TBI1: 1,
        TTB1: 0x4030_0000n,
      });
      return machine.s1(VA, PAGE | S1_PAGE).reads(0xabff_0000_0000_0000n | VA, rules);
    },
    architecture: 'PA 0x41000000',
    qemu: 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0',
    vectors: 21,
  },
  'ttb-cut-to-ips': {
    run: (rules) => {
      const machine = nested();
      const far = 0x20_0000_0000n;
      const entry = machine.memory.get(physical(machine.stage1.root)) ?? 0n;
      machine.store(far, [entry]).s2(machine.stage1.root, far | S2_PAGE);
      return machine.cd({ IPS: AddressSize.Bits36 }).reads(VA, rules);
    },
    architecture: 'PA 0x41000000',
    qemu: 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0',
    vectors: 12,
  },
  'ttbs-translated-with-cd': {
    run: (rules) =>
      nested().cd({ EPD1: 0, T1SZ: 16, TG1: GranuleTtb1.Size4K, TTB1: 0x1_4700_0000n }).reads(VA, rules),
    architecture: 'PA 0x41000000',
    qemu: 'F_TRANSLATION S2=1 CLASS=TT RnW=1 w3=0x147000000',
    vectors: 29,
  },
  'two-level-stays': {
    run: (rules) => {
      const TWO_LEVEL = (1 << 16) | (6 << 6) | 8;
      const LINEAR = 8;
      const BYPASS = 0b1001n;
      const memory = new Map([[PAGE + BigInt(SID * 64), BYPASS]]);
      const two = writeStreamTable(writeCr2(writeCr0(reset(REGISTERS), 1), 2), PAGE, TWO_LEVEL, rules);
      const linear = writeStreamTable(two, PAGE, LINEAR, rules);
      const read = (address: bigint) => memory.get(address) ?? 0n;
      return describeOutcome(translateCached(linear, dataAccess(SID, VA, 'read'), read, rules).outcome);
    },
    architecture: 'PA 0x12345000',
    qemu: 'C_BAD_STREAMID',
    vectors: 0,
  },
};

describe('table-size-unchecked in nested translation', () => {
  const BLOCK = 0x4fdn;
  const BEYOND_IPS = 0x10_4000_0000n;
  const TABLE = 3n;

  /** The table below the TTB lies beyond CD.IPS, in a block of stage 2; the CD lies there too, or not. */
  function reads(cdInBlock: boolean, rules: SmmuArchitectureRules): string {
    const machine = new Machine(Nested).s1(VA, ipaOf(PAGE) | S1_PAGE).s2Tables();
    machine.s2(ipaOf(PAGE), PAGE | S2_PAGE).s2(BEYOND_IPS, 0x4000_0000n | BLOCK, 1);
    const root = physical(machine.stage1.root);
    const below = (machine.memory.get(root) ?? 0n) - TABLE;
    machine
      .cd({ IPS: AddressSize.Bits36 })
      .store(root, [BEYOND_IPS + physical(below) - 0x4000_0000n + TABLE]);
    const pointer = machine.ste.S1ContextPtr ?? 0n;
    const moved = BEYOND_IPS + physical(pointer) - 0x4000_0000n;
    return machine.with({ S1ContextPtr: cdInBlock ? moved : pointer }).reads(VA, rules);
  }

  it.each([
    ['', false, 'F_ADDR_SIZE S2=0 CLASS=TT RnW=1 w3=0x1040301000'],
    [', unless the CD lies in the same block', true, 'PA 0x41000000'],
  ])('names the table%s', (_, cdInBlock, qemu) => {
    expect(reads(cdInBlock, smmuArchitectureIntended)).toBe('F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0');
    expect(reads(cdInBlock, smmuQemu11)).toBe(qemu);
  });
});

const RECORDINGS = new URL('../../../../conformance/recordings/qemu-11.1.3/', import.meta.url);
const FILES = ['vectors-a', 'vectors-concatenated'].map(
  (name) => new URL(`${name}.json.gz`, RECORDINGS).pathname,
);

let files: readonly VectorFile[] = [];
const differences = new Map<string, VectorFile>();
beforeAll(async () => {
  files = await Promise.all(FILES.map(readVectorFile));
  for (const name of ['s1-contextptr-beyond-oas', 'ttb0-in-flash']) {
    const { pathname } = new URL(`differences/${name}.json.gz`, RECORDINGS);
    differences.set(name, await readVectorFile(pathname));
  }
}, 60_000);

it('has a case for every deviation, and no other', () => {
  expect(smmuQemu11Deviations.map(({ name }) => name)).toEqual(Object.keys(cases));
});

describe.each(smmuQemu11Deviations.map((deviation) => [deviation.name, deviation] as const))(
  '%s',
  (name, deviation) => {
    const { run, architecture: intended, qemu, vectors } = cases[name] as Case;

    it('parts from the architecture', () => {
      expect(run(smmuArchitectureIntended)).toBe(intended);
      expect(run(withDeviations([deviation]))).toBe(qemu);
      expect(run(smmuQemu11)).toBe(qemu);
    });

    it(
      vectors === 0 ? 'is reached by no recorded access' : `is needed by ${vectors} recorded accesses`,
      () => {
        const rules = withDeviations(smmuQemu11Deviations.filter((other) => other !== deviation));
        const disagreeing = files.map((file) => {
          const { checked, agreed } = replayVectors('', file, rules, []);
          return checked - agreed;
        });
        expect(disagreeing.reduce((sum, count) => sum + count, 0)).toBe(vectors);
      },
    );
  },
);
