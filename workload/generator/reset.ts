import type { Call } from '../../model/call.ts';
import { type Draw, oneIn, pickAny, pickWhere } from './choice.ts';
import type { View } from './view.ts';

/** The host resets a device, mostly one that is bound; null: what processes do. */
export function resetWork({ world, bound }: View, draw: Draw): Call | null {
  const { devices } = world.platform;
  const busy = devices.filter((_, at) => world.devices[at]?.resetting === true);
  const ending = busy.length > 0 && oneIn(4, draw) ? pickAny(busy, draw) : undefined;
  if (ending !== undefined) return { actor: `device:${ending.id}`, command: 'resetEnds', args: {} };
  if (!oneIn(32, draw)) return null;
  const used = devices.filter((_, at) => bound.some(({ device }) => device === at));
  const device = pickWhere(used, ({ resets }) => resets === true, draw) ?? pickAny(devices, draw);
  if (device === undefined) return null;
  const command = oneIn(8, draw) ? 'resetEnds' : 'resetBegins';
  return { actor: `device:${device.id}`, command, args: {} };
}
