import type { Vsmmu } from '../../model/vmm/vm.ts';
import type { Effect } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import { commandText } from '../iommufd/command-text.ts';
import { streamOf } from '../own/command.ts';
import type { Transition, Violation } from '../property.ts';
import { vmNamed } from './look.ts';
import { aboutOf, essenceOf, isAtcInv } from './own-command.ts';

const VMM = 'vmm:';
const SMMUEN = 1;

/** A HWPT_INVALIDATE of a VMM, and how many of its commands the kernel says that it has handled. */
export interface Handed {
  readonly vm: string;
  readonly viommu: number;
  readonly commands: readonly CommandPair[];
  readonly handled: number;
}

export function handedBy(effect: Effect): Handed | null {
  if (effect.kind !== 'vmmCall' || effect.command.command !== 'hwptInvalidate') return null;
  const { actor, args } = effect.command;
  const { result } = effect;
  const commands = Array.from(
    { length: args.entryNum },
    (_, at): CommandPair => [args.data?.[2 * at] ?? 0n, args.data?.[2 * at + 1] ?? 0n],
  );
  const handled = Number(result.out.entryNum ?? (result.ok ? args.entryNum : 0));
  return { vm: actor.slice(VMM.length), viommu: args.hwptId, commands, handled };
}

/** The vIOMMUs that have to hear of a command. An ATC_INV has no effect without SMMUEN, and is illegal without ATS (IHI0070 4.5.1). */
function heardBy(words: CommandPair, { backings, devices, cr0, registers }: Vsmmu): readonly number[] {
  switch (aboutOf(words)) {
    case null:
      return [];
    case 'tags':
      return backings.map(({ viommu }) => viommu);
    case 'stream': {
      if (isAtcInv(words) && ((cr0 & SMMUEN) === 0 || !hasAts(registers))) return [];
      const place = devices.find(({ vsid }) => vsid === streamOf(words))?.place;
      return place?.kind === 'nested' && place.vdevice !== null ? [place.viommu] : [];
    }
  }
}

/** IDR0.ATS of what the guest reads. */
function hasAts(registers: Vsmmu['registers']): boolean {
  return (((registers ?? EMULATED_REGISTERS).IDR0 >> 10) & 1) === 1;
}

/** IDR3.RIL of what the guest reads. */
function hasRanges({ registers }: Vsmmu): boolean {
  return (((registers ?? EMULATED_REGISTERS).IDR3 >> 10) & 1) === 1;
}

function vsmmuIn(world: World, vm: string, index: number): Vsmmu | null {
  return vmNamed(world, vm)?.vsmmus[index] ?? null;
}

/** A command that counts as done in a step, although a vIOMMU that was there before and after it has not heard of it. */
export function unheard({ before, world, effects }: Transition): Violation {
  const heard: string[] = [];
  for (const effect of effects) {
    const handed = handedBy(effect);
    if (handed !== null)
      for (const words of handed.commands.slice(0, handed.handled))
        heard.push(`${handed.vm} ${handed.viommu} ${essenceOf(words, true)}`);
    if (effect.kind !== 'guestCommand' || !effect.done) continue;
    const { vm, vsmmu: index, words } = effect;
    const [old, now] = [vsmmuIn(before, vm, index), vsmmuIn(world, vm, index)];
    if (old === null || now === null) continue;
    const stays = heardBy(words, now);
    for (const viommu of heardBy(words, old)) {
      if (!stays.includes(viommu)) continue;
      const at = heard.indexOf(`${vm} ${viommu} ${essenceOf(words, hasRanges(now))}`);
      if (at < 0)
        return `vSMMU ${index} of ${vm} counts ${commandText(words)} as done, and the kernel has not handled it for vIOMMU ${viommu}`;
      heard.splice(at, 1);
    }
  }
  return null;
}
