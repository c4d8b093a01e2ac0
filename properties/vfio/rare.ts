import type { DeviceHardware } from '../../model/platform/platform.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import { VFIO_PCI, VFIO_REGION_INFO } from '../../spec/vfio/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import type { At } from './at.ts';

/* Calls on device files that VMMs seldom make (linux/vfio.h). */

/** Bytes of the structs without what follows them, and of one device in the latter (struct vfio_pci_dependent_device). */
const FEATURE = 8;
const HOT_RESET = 12;
const DEPENDENT = 8;
/** struct vfio_device_low_power_entry_with_wakeup */
const WAKEUP = 8;

/** VFIO_DEVICE_FEATURE: flags, and the features that such a device has; each of these can only be set. */
const FLAG = { GET: 0x1_0000, SET: 0x2_0000, PROBE: 0x4_0000, UNKNOWN: 0xfff8_0000 } as const;
const ENTRY = 3;
const ENTRY_WITH_WAKEUP = 4;
const EXIT = 5;

export function deviceFeature({ state, device }: At, { argsz, flags }: CommandArgs['deviceFeature']): Answer {
  if (argsz < FEATURE || (flags & FLAG.UNKNOWN) !== 0) return refusal('EINVAL');
  const [get, set, probe] = [FLAG.GET, FLAG.SET, FLAG.PROBE].map((flag) => (flags & flag) !== 0);
  if (get && set && !probe) return refusal('EINVAL');
  const feature = flags & 0xffff;
  if (feature !== ENTRY && feature !== ENTRY_WITH_WAKEUP && feature !== EXIT) return refusal('ENOTTY');
  if (get || (!probe && !set)) return refusal('EINVAL');
  const sleeps = state.asleep === true;
  const then = (expected: boolean): Answer => ({
    errno: null,
    wrongIn: ({ world }) =>
      (world.devices[device]?.asleep === true) === expected
        ? null
        : `device ${device} is ${expected ? 'awake' : 'asleep'} after DEVICE_FEATURE`,
  });
  if (probe) return then(sleeps);
  if (feature === EXIT) return then(false);
  if (sleeps || (feature === ENTRY_WITH_WAKEUP && argsz < FEATURE + WAKEUP)) return refusal('EINVAL');
  return then(true);
}

const busOf = ({ streamIds }: DeviceHardware): number => (streamIds[0] ?? 0) >>> 8;

/** The devices that a hot reset of one takes with it, and whether all of them are of the caller's context. */
function affected({ world, hardware, bound }: At): {
  readonly devices: readonly number[];
  readonly owned: boolean;
} {
  const devices: number[] = [];
  let owned = true;
  for (const [at, each] of world.platform.devices.entries()) {
    if (busOf(each) !== busOf(hardware) || each.host !== hardware.host) continue;
    devices.push(at);
    const gone = world.iommus[each.iommu]?.probed?.refused.includes(at) === true;
    owned &&= !gone && world.groups[each.group]?.owner === bound?.ctx;
  }
  return { devices, owned };
}

/** VFIO_DEVICE_GET_PCI_HOT_RESET_INFO; with all that there is to be told, or how many devices that would be. */
export function hotResetInfo(at: At, { argsz }: CommandArgs['hotResetInfo']): Answer {
  if (argsz < HOT_RESET) return refusal('EINVAL');
  if (busOf(at.hardware) === 0) return refusal('ENODEV');
  const { devices, owned } = affected(at);
  const count = devices.length;
  const fits = argsz >= HOT_RESET + count * DEPENDENT;
  return fits
    ? { errno: null, out: { count, flags: owned ? 3 : 1 } }
    : { errno: 'ENOSPC', out: { count, flags: 0 } };
}

/** VFIO_DEVICE_PCI_HOT_RESET of a device that was opened by its own file. */
export function hotReset(at: At, { argsz, flags, count }: CommandArgs['hotReset']): Answer {
  if (argsz < HOT_RESET || flags !== 0 || count !== 0) return refusal('EINVAL');
  if (busOf(at.hardware) === 0) return refusal('ENODEV');
  const { devices, owned } = affected(at);
  if (!owned) return refusal('EINVAL');
  return {
    errno: null,
    wrongIn({ world }) {
      const kept = world.pins?.dmabufs.find(
        (each) => each !== null && devices.includes(each.device) && each.bytes === undefined && !each.revoked,
      );
      return kept == null
        ? null
        : `registers of device ${kept.device} are still given away after a hot reset`;
    },
  };
}

/** VFIO_DEVICE_GET_REGION_INFO: of BAR0 and configuration space, and where it is decoded, of VGA. */
export function vfioGetRegionInfo(
  { hardware }: At,
  { index, argsz }: CommandArgs['vfioGetRegionInfo'],
): Answer {
  const { READ, WRITE, MMAP } = VFIO_REGION_INFO;
  const there = new Map<number, readonly [size: number, flags: number]>([
    [VFIO_PCI.BAR0, [hardware.bar0Size, READ | WRITE | MMAP]],
    [VFIO_PCI.CONFIG_REGION, [hardware.configSize, READ | WRITE]],
    [VFIO_PCI.VGA_REGION, [0xc_0000, READ | WRITE]],
  ]);
  const isVga = index === VFIO_PCI.VGA_REGION;
  if (index >= VFIO_PCI.NUM_REGIONS || (isVga && hardware.vga !== true)) return refusal('EINVAL');
  const [size, flags] = there.get(index) ?? [0, 0];
  return {
    errno: null,
    out: { argsz, flags, regionSize: BigInt(size), offset: BigInt(index) * 0x100_0000_0000n },
  };
}
