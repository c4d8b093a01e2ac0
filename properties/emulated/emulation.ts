import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import { guestWord } from '../../model/platform/guest-memory.ts';
import type { Outcome } from '../../model/smmu/architecture/outcome.ts';
import { eventWords } from '../../model/smmu/architecture/report.ts';
import { smmuArchitectureIntended } from '../../model/smmu/architecture/rules.ts';
import { type Smmu, translate } from '../../model/smmu/architecture/translate.ts';
import type { Emulated } from '../../model/smmu/emulated/emulated.ts';
import { accessOf, answerOf, translateBoth } from '../../model/smmu/emulated/handle.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import type { Out } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';
import type { Transition } from '../property.ts';

/** A DMA through an emulated SMMUv3, and what it found. */
export interface EmulatedAccess {
  readonly hardware: EmulatedHardware;
  readonly emulated: Emulated;
  readonly args: CommandArgs['emulatedDma'];
  readonly answer: Out;
}

export function emulatedAccess({ before, command, result }: Transition): EmulatedAccess | null {
  const { platform, emulated } = before;
  if (command.command !== 'emulatedDma' || !result.ok) return null;
  if (emulated === null || platform.emulated === undefined) return null;
  return { hardware: platform.emulated, emulated, args: command.args, answer: result.out };
}

/** What the twin, which keeps the architecture, answers. */
export function twinAnswer({ hardware, emulated, args }: EmulatedAccess): Out {
  const [, twin] = translateBoth(hardware, emulated, args, smmuArchitectureIntended);
  return answerOf(twin);
}

/** What a walk with nothing cached finds; null where the architecture leaves it open, or nobody would record it. */
export function walkAnswer({ hardware, emulated, args }: EmulatedAccess): Out | null {
  const { twin, memory } = emulated;
  if (twin.stes.kind !== 'memory') return null;
  const smmu: Smmu = {
    implementation: twin.implementation,
    enabled: twin.enabled,
    gbpaAborts: (twin.gbpa & GBPA_ABORT) !== 0,
    recordsBadStreamId: true,
    streamTable: twin.stes.table,
  };
  const outcome = translate(smmu, accessOf(args), (address) => guestWord(hardware, memory, address));
  return outcome.kind === 'unmodelled' ? null : answerOfOutcome(outcome, twin.eventsEnabled);
}

const GBPA_ABORT = 1 << 20;

function answerOfOutcome(outcome: Outcome, recorded: boolean): Out {
  if (outcome.kind === 'translated') return { address: outcome.address };
  return outcome.kind === 'fault' && recorded
    ? { event: eventWords(outcome.event, smmuArchitectureIntended) }
    : {};
}

/** Whether nothing is cached, in the emulation or in its twin. */
export function isCold({ smmu, twin }: Emulated): boolean {
  return [smmu, twin].every(
    ({ tlb, configurations }) => tlb.length === 0 && Object.keys(configurations).length === 0,
  );
}

export function answerText(answer: Out): string {
  if (answer.address !== undefined) return `address ${hex(answer.address as bigint)}`;
  if (answer.event === undefined) return 'an abort in silence';
  return `event ${(answer.event as readonly bigint[]).map(hex).join(' ')}`;
}

export function sameAnswer(a: Out, b: Out): boolean {
  return answerText(a) === answerText(b);
}

/** Whether a world has an emulated SMMUv3 that translates. */
export function emulationIsOn({ emulated }: World): boolean {
  return emulated?.twin.enabled === true;
}
