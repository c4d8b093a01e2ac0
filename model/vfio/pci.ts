import { VFIO_DEVICE_FLAGS, VFIO_PCI, VFIO_REGION_INFO } from '../../spec/vfio/constants.ts';
import { revokeDmabufs } from '../accesses/dmabuf.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** A region's offset in the device file is its index in the upper bits. */
const OFFSET_SHIFT = 40n;

/** 0xa0000 to 0xbffff and the ports, as one region. */
const VGA_BYTES = 0xc_0000;

function hardwareOf(tx: Tx, device: number): DeviceHardware {
  return tx.world.platform.devices[device] as DeviceHardware;
}

/** VFIO_DEVICE_GET_INFO: that a device can be reset was found out when it was opened (vdev->reset_works). */
export function vfioGetInfo(tx: Tx, device: number): Result {
  const resets = hardwareOf(tx, device).vfioResets !== false;
  return done({
    flags: VFIO_DEVICE_FLAGS.PCI | (resets ? VFIO_DEVICE_FLAGS.RESET : 0),
    numRegions: VFIO_PCI.NUM_REGIONS,
    numIrqs: VFIO_PCI.NUM_IRQS,
    capOffset: 0,
    pad: 0,
  });
}

/** BAR0 and the configuration space; where capabilities would be is left as it was, as there are none. What else: the other regions are empty, and that of VGA is only there where it is decoded. */
export function vfioGetRegionInfo(
  tx: Tx,
  device: number,
  _binding: Binding,
  args: CommandArgs['vfioGetRegionInfo'],
): Result {
  if (args.index < 0 || args.index >= VFIO_PCI.NUM_REGIONS) return refused('EINVAL');
  const hardware = hardwareOf(tx, device);
  if (args.index === VFIO_PCI.VGA_REGION && hardware.vga !== true) return refused('EINVAL');
  const { size, flags } = region(hardware, args.index);
  return done({
    argsz: args.argsz,
    flags,
    regionSize: BigInt(size),
    offset: BigInt(args.index) << OFFSET_SHIFT,
  });
}

function region(hardware: DeviceHardware, index: number): { size: number; flags: number } {
  const { READ, WRITE, MMAP } = VFIO_REGION_INFO;
  switch (index) {
    case VFIO_PCI.BAR0:
      return { size: hardware.bar0Size, flags: READ | WRITE | MMAP };
    case VFIO_PCI.CONFIG_REGION:
      return { size: hardware.configSize, flags: READ | WRITE };
    case VFIO_PCI.VGA_REGION:
      return { size: VGA_BYTES, flags: READ | WRITE };
    default:
      return { size: 0, flags: 0 };
  }
}

/** VFIO_DEVICE_RESET: the attachment and the interrupts of the device outlive it; what others have of its registers does not. */
export function vfioReset(tx: Tx, device: number): Result {
  if (hardwareOf(tx, device).vfioResets === false) return refused('EINVAL');
  revokeDmabufs(tx, device);
  return done();
}
