import type { DeviceHardware } from '../../platform/platform.ts';
import { done, type Result, refused } from '../../world/result.ts';
import { groupAt, type Tx } from '../../world/tx.ts';

/** The host removes the acting device and scans for it again. VFIO holds on to a device that somebody has opened. */
export function rescan(tx: Tx, actor: string): Result {
  const { platform, vtd } = tx.world;
  const device = platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  if (device < 0 || vtd === null) return refused('ENODEV');
  const { group } = platform.devices[device] as DeviceHardware;
  if (groupAt(tx, group).owner !== null) return refused('EBUSY');
  tx.effects.push({ kind: 'rescanned', device });
  return done();
}
