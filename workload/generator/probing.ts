import type { Call } from '../../model/call.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import type { View } from './view.ts';

/** The host takes a device away and finds it again, mostly one that nobody has; null: what processes do. */
export function probeWork({ world }: View, draw: Draw): Call | null {
  if (!oneIn(3, draw)) return null;
  const { devices } = world.platform;
  const free = devices.filter(({ group }) => world.groups[group]?.owner === null);
  const { id } = pick(free.length === 0 || oneIn(8, draw) ? devices : free, draw);
  return { actor: `device:${id}`, command: 'rescan', args: {} };
}
