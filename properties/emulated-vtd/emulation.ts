import { guestWord } from '../../model/platform/guest-memory.ts';
import type { RootTable } from '../../model/vtd/architecture/context.ts';
import type { VtdOutcome } from '../../model/vtd/architecture/outcome.ts';
import { vtdArchitectureIntended } from '../../model/vtd/architecture/rules.ts';
import { translateVtd } from '../../model/vtd/architecture/translate.ts';
import type { EmulatedVtd } from '../../model/vtd/emulated/emulated.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import type { Out } from '../../model/world/result.ts';
import { hex } from '../look.ts';
import type { Transition } from '../property.ts';

/** A DMA through an emulated VT-d unit: before it, and what it came to. */
export interface VtdAccess {
  readonly state: EmulatedVtd;
  readonly args: CommandArgs['vtdDma'];
  readonly answer: Out;
}

export function vtdAccess({ before, command, result }: Transition): VtdAccess | null {
  const { emulatedVtd: state } = before;
  if (command.command !== 'vtdDma' || !result.ok || state === null) return null;
  return { state, args: command.args, answer: result.out };
}

/** TTM of RTADDR_REG (VT-d 11.4.6). */
const MODES: Readonly<Record<RootTable['mode'], bigint>> = {
  legacy: 0n,
  scalable: 1n,
  invalid: 2n,
  abort: 3n,
};

/** RTADDR_REG of a root table. */
export function rootTableWord({ mode, address }: RootTable): bigint {
  return address | (MODES[mode] << 10n);
}

/** What the walk over the guest's tables comes to, nothing cached. */
export function walkAnswer({ before }: Transition, { state, args }: VtdAccess): string {
  const { emulatedVtd: hardware } = before.platform;
  if (hardware === undefined) throw new Error('a platform with an emulated remapping unit');
  const { unit, enabled, root } = state.vtd;
  const outcome = translateVtd(
    unit,
    { enabled, rootTable: rootTableWord(root) },
    { sourceId: args.source, address: args.iova, write: args.write },
    (address) => guestWord(hardware, state.memory, address),
    vtdArchitectureIntended,
  );
  return outcomeText(outcome);
}

function outcomeText(outcome: VtdOutcome): string {
  switch (outcome.kind) {
    case 'translated':
      return `address ${hex(outcome.address)}`;
    case 'fault':
      return `fault ${hex(BigInt(outcome.reason))}`;
    case 'ends':
      return 'the end of the emulator';
    default:
      return 'nothing';
  }
}

export function answerText({ address, reason, ends }: Out): string {
  if (ends === 1) return 'the end of the emulator';
  if (address !== undefined) return `address ${hex(address as bigint)}`;
  return reason === undefined ? 'nothing' : `fault ${hex(BigInt(reason as number))}`;
}

/** Whether the unit holds nothing that could take the place of a walk. */
export function isCold({ vtd }: EmulatedVtd): boolean {
  const { iotlb, contexts, bypassing } = vtd;
  return bypassing.length === 0 && [iotlb, contexts].every((each) => Object.keys(each).length === 0);
}
