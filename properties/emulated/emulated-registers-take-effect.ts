import type { QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import { hex } from '../look.ts';
import { bits, field } from '../own/bits.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { answerText, emulatedAccess } from './emulation.ts';

const GBPA_ABORT = 20;
const GBPA_UPDATE = 31;

/** Addresses that every SMMU passes on. */
const SMALLEST_OAS = 32n;

/** SPLIT has three values; others are reserved. */
const SPLITS: readonly number[] = [6, 8, 10];

function isOn(value: number, bit: number): boolean {
  return bits(BigInt(value), bit, 1) === 1;
}

function cr0Missed(value: number, smmu: QemuSmmu): Violation {
  if (smmu.enabled !== isOn(value, 0)) return 'SMMUEN is not as it was written';
  if (smmu.eventsEnabled !== isOn(value, 2)) return 'EVENTQEN is not as it was written';
  return smmu.commandsEnabled === isOn(value, 3) ? null : 'CMDQEN is not as it was written';
}

/** Without UPDATE a write has no effect. */
function gbpaMissed(value: number, old: QemuSmmu, now: QemuSmmu): Violation {
  const expected = isOn(value, GBPA_UPDATE) ? bits(BigInt(value), 0, GBPA_UPDATE) : old.gbpa;
  return now.gbpa === expected ? null : `GBPA is ${hex(BigInt(now.gbpa))}, not ${hex(BigInt(expected))}`;
}

function tableMissed(base: bigint, config: number, { stes }: QemuSmmu): Violation {
  if (stes.kind !== 'memory') return 'no stream table is in memory';
  const { table } = stes;
  const word = BigInt(config);
  if (field(table.base, 6, 51) !== field(base, 6, 51)) return 'STRTAB_BASE is not as it was written';
  if (table.log2Size !== bits(word, 0, 6)) return 'LOG2SIZE is not as it was written';
  const isTwoLevel = bits(word, 16, 2) === 1;
  const split = bits(word, 6, 5);
  if (isTwoLevel && !SPLITS.includes(split)) return null;
  return table.split === (isTwoLevel ? split : null) ? null : 'FMT and SPLIT are not as they were written';
}

/** What SMMUEN = 0 makes of a transaction (IHI0070 3.11). */
function passed(transition: Transition): Violation {
  const access = emulatedAccess(transition);
  if (access === null || access.emulated.smmu.enabled || access.args.iova >> SMALLEST_OAS !== 0n) return null;
  const { answer, args, emulated } = access;
  const aborts = isOn(emulated.smmu.gbpa, GBPA_ABORT);
  if (aborts ? answer.address === undefined && answer.event === undefined : answer.address === args.iova)
    return null;
  return `an SMMU that is off and whose GBPA ${aborts ? 'aborts' : 'bypasses'} gives ${answerText(answer)}`;
}

export const emulatedRegistersTakeEffect: StepProperty = {
  id: 'emulated-registers-take-effect',
  sentence:
    'What a guest writes into CR0, GBPA or STRTAB_BASE of an emulated SMMUv3 takes effect at once. While SMMUEN is 0, GBPA alone decides.',
  source: 'IHI0070 3.11, 6.3.9, 6.3.14, 6.3.24, 6.3.25',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'two-level-stays',
  violated(transition) {
    const { before, command, world, result } = transition;
    if (before.emulated === null || world.emulated === null || !result.ok) return null;
    const { smmu } = world.emulated;
    switch (command.command) {
      case 'emulatedCr0':
        return cr0Missed(command.args.value, smmu);
      case 'emulatedGbpa':
        return gbpaMissed(command.args.value, before.emulated.smmu, smmu);
      case 'emulatedStreamTable':
        return tableMissed(command.args.base, command.args.config, smmu);
      default:
        return passed(transition);
    }
  },
  witness(transition) {
    const access = emulatedAccess(transition);
    return access !== null && !access.emulated.smmu.enabled && access.answer.address !== undefined;
  },
};
