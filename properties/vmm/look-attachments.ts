import type { World } from '../../model/world/world.ts';
import { contextOfFd } from '../look.ts';
import type { Transition } from '../property.ts';
import type { Placed } from './look.ts';

/** What a device was put on, one after the other, by its VMM in one step. */
export type Through = 'abort' | 'bypass' | 'stage 1';

/** What an object stands for to a device that is attached to it. */
function meaningOf(world: World, actor: string, iommufd: number, id: number): Through | null {
  const slot = contextOfFd(world, actor, iommufd)?.objects[id] ?? null;
  if (slot === null) return null;
  if (slot.type === 'ioas' || slot.type === 'hwptPaging') return 'bypass';
  if (slot.type !== 'hwptNested') return null;
  return slot.domain.config === 's1Translate' ? 'stage 1' : (slot.domain.config as Through);
}

/** The attachments that a step made of a device that was plugged before it. */
export function attachmentsOf(
  { before, world, effects }: Transition,
  { vm, device }: Placed,
): readonly Through[] {
  const iommufd = vm.iommufds.find(({ number }) => number === device.iommufd)?.fd ?? -1;
  const through: Through[] = [];
  for (const effect of effects) {
    if (effect.kind !== 'vmmCall' || effect.command.command !== 'vfioAttach' || !effect.result.ok) continue;
    const { actor, args } = effect.command;
    if (args.fd !== device.fd || actor !== `vmm:${vm.name}`) continue;
    const to = meaningOf(world, actor, iommufd, args.ptId) ?? meaningOf(before, actor, iommufd, args.ptId);
    if (to !== null) through.push(to);
  }
  return through;
}
