import type { LineOf } from '../../conformance/linux/lines.ts';
import { hostOf, Memory } from '../../conformance/vmm/host.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { RAM, RAM_BYTES } from './layout.ts';
import { machineFor } from './machine.ts';

const PAGE = 4096n;

/** Memory that QEMU's `virt` machine maps for devices: a page of its own, and the guest's. Where it has them is made up. */
const SLOTS: readonly { readonly start: bigint; readonly bytes: bigint; readonly va: bigint }[] = [
  { start: 0x90a_0000n, bytes: PAGE, va: 0xffff_eec0_0000n },
  { start: RAM, bytes: RAM_BYTES, va: 0xffff_c7e0_0000n },
];

/** The host and the machine, before a recording says where the VMM's memory is. */
export function plannedPlatform(setups: readonly LineOf<'setup'>[]): Platform {
  const machine = machineFor([]);
  const platform = hostOf(new Memory(), machine, setups, 'live');
  return {
    ...platform,
    name: 'live-vmm',
    userMemory: SLOTS.map(({ bytes, va }) => ({ start: va, last: va + bytes - 1n, writable: true })),
    vmHardware: (platform.vmHardware ?? []).map((each) => ({
      ...each,
      ram: SLOTS.map(({ start, bytes, va }) => ({ start, pages: Number(bytes / PAGE), va })),
    })),
  };
}
