import type { QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import type { Pair } from '../own/command.ts';
import type { Transition } from '../property.ts';

const SYNC: Pair = [0x46n, 0n];

/** The commands that wait in the queue while a step takes place, oldest first. */
function queuedIn({ command }: Transition, { waiting }: QemuSmmu): readonly Pair[] {
  const pairs = waiting.map(([first = 0n, second = 0n]): Pair => [first, second]);
  if (command.command === 'emulatedAcknowledge') return [SYNC, ...pairs.slice(1)];
  if (command.command === 'emulatedCr0') return pairs;
  if (command.command !== 'emulatedCommands') return [];
  const words = command.args.words ?? [];
  for (let at = 0; at + 1 < words.length; at += 2) pairs.push([words[at] ?? 0n, words[at + 1] ?? 0n]);
  return pairs;
}

/** What the command queue has taken in a step: nothing is fetched meanwhile. */
export function executed(transition: Transition): readonly Pair[] {
  const { before, world, result } = transition;
  if (before.emulated === null || world.emulated === null || !result.ok) return [];
  const queued = queuedIn(transition, before.emulated.smmu);
  return queued.slice(0, queued.length - world.emulated.smmu.waiting.length);
}
