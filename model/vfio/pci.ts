import { VFIO_DEVICE_FLAGS, VFIO_PCI, VFIO_REGION_INFO } from '../../spec/vfio/constants.ts';
import { revokeDmabufs } from '../accesses/dmabuf.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** A region's offset in the device file is its index in the upper bits. */
const OFFSET_SHIFT = 40n;

function hardwareOf(tx: Tx, device: number): DeviceHardware {
  return tx.world.platform.devices[device] as DeviceHardware;
}

export function vfioGetInfo(): Result {
  return done({
    flags: VFIO_DEVICE_FLAGS.PCI | VFIO_DEVICE_FLAGS.RESET,
    numRegions: VFIO_PCI.NUM_REGIONS,
    numIrqs: VFIO_PCI.NUM_IRQS,
    capOffset: 0,
  });
}

/** BAR0 and the configuration space; the other regions are empty. */
export function vfioGetRegionInfo(
  tx: Tx,
  device: number,
  _binding: Binding,
  args: CommandArgs['vfioGetRegionInfo'],
): Result {
  if (args.index < 0 || args.index >= VFIO_PCI.NUM_REGIONS) return refused('EINVAL');
  const { size, flags } = region(hardwareOf(tx, device), args.index);
  return done({
    argsz: args.argsz,
    flags,
    capOffset: 0,
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
    default:
      return { size: 0, flags: 0 };
  }
}

/** VFIO_DEVICE_RESET: the attachment and the interrupts of the device outlive it; what others have of its registers does not. */
export function vfioReset(tx: Tx, device: number): Result {
  revokeDmabufs(tx, device);
  return done();
}
