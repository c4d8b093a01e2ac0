import type { Override } from '../../../model/rules.ts';
import type { ReadMemory64 } from '../../../model/smmu/architecture/access.ts';
import type { SteFound, TableRegisters } from '../../../model/vmm/table.ts';
import { decode } from '../../../spec/bits.ts';
import { strtabBaseCfg } from '../../../spec/smmuv3/registers.ts';
import { SteConfig, ste } from '../../../spec/smmuv3/ste.ts';

/** A write to CR0 touches no attachment: devices stay on what they were on until a CFGI_STE or a write to GBPA. */
export const smmuenReconfiguresNothing: Override = {
  name: 'smmuen-reconfigures-nothing',
  kind: 'deviation',
  summary: 'when the guest sets or clears SMMUEN, its devices stay attached as before',
  source: 'QEMU hw/arm/smmuv3.c: smmu_writel(), A_CR0; recorded (basic, walk-1)',
  rules: { vmm: { enableConfigures: 'none', disableConfigures: 'none' } },
};

export const gbpaAppliesWhileEnabled: Override = {
  name: 'gbpa-applies-while-enabled',
  kind: 'deviation',
  summary: 'a write to GBPA takes every device off its stage 1, even while SMMUEN is 1',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_attach_gbpa_hwpt(); recorded (basic)',
  rules: { vmm: { gbpaConfigures: () => 'all' } },
};

export const missingSteKeepsPrevious: Override = {
  name: 'missing-ste-keeps-previous',
  kind: 'deviation',
  summary: 'a device whose STE is no longer in the stream table goes on translating by the old one',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_install_ste(); recorded (walk-1)',
  rules: { vmm: { missingSte: () => 'previous' } },
};

export const illegalSteKeepsPrevious: Override = {
  name: 'illegal-ste-keeps-previous',
  kind: 'deviation',
  summary: 'a device whose new STE is illegal goes on translating by the old one, and CFGI_STE fails',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_install_ste(); recorded (commands)',
  rules: { vmm: { illegalSte: 'error' } },
};

/** When an STE cannot be installed, the HWPT of the one before it stays attached, and the command queue stops. */
export const refusedSteKeepsPrevious: Override = {
  name: 'refused-ste-keeps-previous',
  kind: 'deviation',
  summary: 'a device whose new STE the kernel refuses goes on translating by the old one',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_install_ste(); recorded (group-of-two-hotplug)',
  rules: { vmm: { refusedSte: 'previous' } },
};

/** Bits of the first two words that go to the kernel: S1ContextPtr has those above it, too. */
const PASSED = [0xf8ff_ffff_ffff_ffffn, 0x0000_0000_3800_00ffn] as const;

/** Fields that mean nothing by the vSMMU's ID registers mean something to the host: ATS is switched on, substreams are. */
export const ignoredSteFieldsPassed: Override = {
  name: 'ignored-ste-fields-passed',
  kind: 'deviation',
  summary: 'EATS and S1CDMax reach the kernel although the vSMMU has neither ATS nor substreams',
  source: 'QEMU hw/arm/smmuv3-accel.c: STE0_MASK, STE1_MASK; recorded (commands)',
  rules: {
    vmm: {
      readsSte(words) {
        const { V, Config } = decode(ste, words);
        if (V === 0 || (Config & SteConfig.Bypass) === 0) return { kind: 'abort' };
        if (Config === SteConfig.Bypass) return { kind: 'bypass' };
        if (Config !== SteConfig.S1Trans) return { kind: 'illegal' };
        return { kind: 'translate', words: [words[0] ?? 0n, words[1] ?? 0n] };
      },
      steForKernel: ([first = 0n, second = 0n]) => [first & PASSED[0], second & PASSED[1]],
    },
  },
};

const SID_SIZE = 16;
const STE_WORDS = 8;
const BASE = 0xf_ffff_ffff_ffc0n;

/**
 * smmu_find_ste(): two levels stay two levels until a reset, an L2 array has twice the entries that its Span says and begins
 * where L2Ptr says, a linear table begins at a multiple of half its size.
 */
export const twoLevelFormatSticks: Override = {
  name: 'two-level-format-sticks',
  kind: 'deviation',
  summary: 'once a stream table was two-level, a write of FMT=0 does not make it linear again',
  source: 'QEMU hw/arm/smmuv3.c: smmu_find_ste(), smmu_writel(); recorded (commands)',
  rules: { vmm: { findSte: findAsQemu } },
};

function findAsQemu(
  { STRTAB_BASE, STRTAB_BASE_CFG, twoLevels }: TableRegisters,
  _sidSize: number,
  streamId: number,
  read: ReadMemory64,
): SteFound {
  const { LOG2SIZE } = decode(strtabBaseCfg, [BigInt(STRTAB_BASE_CFG)]);
  if (streamId >= 2 ** Math.min(LOG2SIZE, SID_SIZE)) return 'missing';
  if (twoLevels === null) {
    const base = STRTAB_BASE & BASE & ~((1n << BigInt(LOG2SIZE + 5)) - 1n);
    return entryAt(base + BigInt(streamId) * 64n, read);
  }
  const { SPLIT } = decode(strtabBaseCfg, [BigInt(twoLevels)]);
  const shift = BigInt(Math.max(5, LOG2SIZE - SPLIT - 1 + 3));
  const base = STRTAB_BASE & BASE & ~((1n << shift) - 1n);
  const first = read(base + BigInt(Math.floor(streamId / 2 ** SPLIT)) * 8n);
  if (first === undefined) return 'abort';
  const span = Number(first & 0x1fn);
  const at = streamId % 2 ** SPLIT;
  if (span === 0 || at >= 2 ** span) return 'missing';
  return entryAt((first & 0xffff_ffff_ffe0n) + BigInt(at) * 64n, read);
}

function entryAt(address: bigint, read: ReadMemory64): SteFound {
  const words: bigint[] = [];
  for (let word = 0; word < STE_WORDS; word++) {
    const value = read(address + BigInt(8 * word));
    if (value === undefined) return 'abort';
    words.push(value);
  }
  return words;
}
