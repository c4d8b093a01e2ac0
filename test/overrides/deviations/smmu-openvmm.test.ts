import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../model/smmu/architecture/access.ts';
import { eventWords } from '../../../model/smmu/architecture/report.ts';
import {
  type SmmuArchitectureRules,
  smmuArchitectureIntended,
} from '../../../model/smmu/architecture/rules.ts';
import { type Registers, smmuOf, translate } from '../../../model/smmu/architecture/translate.ts';
import { OPENVMM_WALKER, smmuOpenvmm } from '../../../overrides/deviations/smmu-openvmm/index.ts';
import { encode } from '../../../spec/bits.ts';
import { type Cd, cd } from '../../../spec/smmuv3/cd.ts';
import { decodeEvent } from '../../../spec/smmuv3/event.ts';
import { AddressSize, type Ste, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';

/** Stage 1 only, 4 KiB pages only, no stall, no hardware updates, hierarchical permissions not to be disabled. */
const REGISTERS: Registers = {
  IDR0: 0x0540_101a,
  IDR1: 0x0273_0010,
  IDR2: 0,
  IDR3: 0,
  IDR4: 0,
  IDR5: 0x15,
  IIDR: 0,
  AIDR: 0,
  CR0: 1,
  CR2: 0,
  GBPA: 0,
  STRTAB_BASE: 0x1_0000n,
  STRTAB_BASE_CFG: 8,
};

const CD_AT = 0x2_0000n;
const L0 = 0x3_0000n;
const L1 = 0x3_1000n;
const L2 = 0x3_2000n;
const L3 = 0x3_3000n;
const PAGE = 0x8_0000n;
const LEAF = PAGE | 0x743n;
const IOVA = 0x1000n;

interface Changes {
  readonly ste?: Partial<Ste>;
  readonly cd?: Partial<Cd>;
  readonly words?: Readonly<Record<string, bigint>>;
  readonly registers?: Partial<Registers>;
  readonly iova?: bigint;
  readonly write?: boolean;
  readonly stream?: number;
  /** Where nothing answers. */
  readonly hole?: bigint;
}

const CONTEXT: Partial<Cd> = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 16,
  IPS: AddressSize.Bits48,
  EPD1: 1,
  TTB0: L0,
};

function answer(changes: Changes, rules: SmmuArchitectureRules): string {
  const words = new Map<bigint, bigint>();
  const put = (at: bigint, values: readonly bigint[]): void => {
    for (const [index, value] of values.entries()) words.set(at + BigInt(8 * index), value);
  };
  put(0x1_0000n, encode(ste, { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: CD_AT, ...changes.ste }));
  put(CD_AT, encode(cd, { ...CONTEXT, ...changes.cd }));
  put(L0, [L1 | 3n]);
  put(L1, [L2 | 3n]);
  put(L2, [L3 | 3n]);
  put(L3 + 8n, [LEAF]);
  for (const [at, word] of Object.entries(changes.words ?? {})) words.set(BigInt(at), word);
  const smmu = smmuOf({ ...REGISTERS, ...changes.registers });
  const access = dataAccess(
    changes.stream ?? 0,
    changes.iova ?? IOVA,
    changes.write === true ? 'write' : 'read',
  );
  const read = (at: bigint): bigint | undefined => {
    const { hole } = changes;
    return hole !== undefined && at >= hole && at < hole + 0x1000n ? undefined : (words.get(at) ?? 0n);
  };
  const outcome = translate(smmu, access, read, rules);
  if (outcome.kind === 'translated') return `0x${outcome.address.toString(16)}`;
  if (outcome.kind !== 'fault') return outcome.kind;
  return decodeEvent(eventWords(outcome.event, rules))?.name ?? 'unknown';
}

const OK = '0x80000';
const atLevel3 = (bits: bigint): Readonly<Record<string, bigint>> => ({ [String(L3 + 8n)]: PAGE | bits });

/** Each deviation with a configuration that shows it: what the architecture gives, and what OpenVMM. */
const CASES: readonly (readonly [string, Changes, string, string])[] = [
  ['openvmm-unrecorded-faults-recorded', { cd: { R: 0 }, iova: 0x5000n }, 'silent', 'F_TRANSLATION'],
  ['openvmm-epd0-is-illegal', { cd: { EPD0: 1 } }, 'F_TRANSLATION', 'C_BAD_CD'],
  [
    'openvmm-ttb1-never-walked',
    { cd: { EPD1: 0, T1SZ: 16, TG1: 2, TTB1: L0 }, iova: 0xffff_0000_0000_1000n },
    OK,
    'F_TRANSLATION',
  ],
  ['openvmm-tbi0-ignored', { cd: { TBI0: 1 }, iova: 0xab00_0000_0000_1000n }, OK, 'F_TRANSLATION'],
  [
    'openvmm-granules-unchecked',
    { cd: { TG0: 1, T0SZ: 16 }, words: { [String(L0)]: PAGE | 0x3n } },
    'C_BAD_CD',
    'F_TRANSLATION',
  ],
  ['openvmm-sizes-unchecked', { cd: { T0SZ: 40, TTB0: L2 } }, 'C_BAD_CD', OK],
  ['openvmm-sizes-unchecked', { cd: { T0SZ: 8 } }, 'C_BAD_CD', 'F_TRANSLATION'],
  ['openvmm-level-0-block', { words: { [String(L0)]: 0x741n } }, 'F_TRANSLATION', '0x1000'],
  [
    'openvmm-aptable-ignored',
    { words: { [String(L1)]: L2 | 3n | (1n << 62n) }, write: true },
    'F_PERMISSION',
    OK,
  ],
  ['openvmm-ap1-ignored', { words: atLevel3(0x703n) }, 'F_PERMISSION', OK],
  ['openvmm-affd-ignored', { cd: { AFFD: 1 }, words: atLevel3(0x343n) }, OK, 'F_ACCESS'],
  ['openvmm-stall-taken', { cd: { S: 1 } }, 'C_BAD_CD', OK],
  ['openvmm-stall-taken', { cd: { HA: 1 } }, 'C_BAD_CD', OK],
  ['openvmm-endianness-ignored', { cd: { ENDI: 1 } }, 'C_BAD_CD', OK],
  ['openvmm-endianness-ignored', { cd: { IPS: 0, TTB0: L0 | (1n << 40n) } }, 'C_BAD_CD', OK],
  ['openvmm-failed-fetch-is-bad-entry', { hole: 0x1_0000n }, 'F_STE_FETCH', 'C_BAD_STE'],
  ['openvmm-failed-fetch-is-bad-entry', { hole: CD_AT }, 'F_CD_FETCH', 'C_BAD_CD'],
  ['openvmm-failed-fetch-is-bad-entry', { hole: L1 }, 'F_WALK_EABT', 'F_TRANSLATION'],
  ['openvmm-s1fmt-counts-alone', { ste: { S1Fmt: 1 } }, OK, 'C_BAD_STE'],
  ['openvmm-bad-streamid-always-recorded', { stream: 0x100 }, 'silent', 'C_BAD_STREAMID'],
  ['openvmm-table-base-not-aligned', { registers: { STRTAB_BASE: 0x1_0040n } }, OK, 'C_BAD_STE'],
];

describe("OpenVMM's walker", () => {
  it.each(CASES)('%s: %o', (name, changes, expected, there) => {
    const deviation = OPENVMM_WALKER.find((each) => each.name === name);
    expect(answer({}, smmuArchitectureIntended)).toBe(OK);
    expect(answer(changes, smmuArchitectureIntended)).toBe(expected);
    expect(answer(changes, { ...smmuArchitectureIntended, ...deviation?.rules.smmuArchitecture })).toBe(
      there,
    );
  });

  it('puts the reason of an event where STAG is', () => {
    const misplaced = OPENVMM_WALKER.find(({ name }) => name === 'openvmm-event-fields-misplaced');
    const read = [0x10n, (0b10n << 40n) | (1n << 35n), 0x1000n, 0n];
    const written = misplaced?.rules.smmuArchitecture?.queuedEvent?.(read) ?? [];
    expect(decodeEvent(read)?.fields).toMatchObject({ RnW: 1, CLASS: 2 });
    expect(decodeEvent(written)?.fields).toMatchObject({ RnW: 0, CLASS: 0, STAG: 4 });
  });

  it('has all of them at once', () => {
    const rules: SmmuArchitectureRules = Object.assign(
      {},
      smmuArchitectureIntended,
      ...smmuOpenvmm.map((each) => each.rules.smmuArchitecture),
    );
    expect(answer({}, rules)).toBe(OK);
    expect(answer({ cd: { S: 1, AFFD: 1 }, words: atLevel3(0x343n) }, rules)).toBe('F_ACCESS');
    expect(answer({ cd: { EPD0: 1, ENDI: 1 } }, rules)).toBe('C_BAD_CD');
  });

  it('has a case for each', () => {
    const shown = new Set([...CASES.map(([name]) => name), 'openvmm-event-fields-misplaced']);
    expect(OPENVMM_WALKER.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
