import type { DeviceState } from '../../model/host/device.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import { fileOf } from '../../model/world/files.ts';
import type { Binding } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';

/** Where a call on a device file is made: the world before it, and the device behind the descriptor. */
export interface At {
  readonly world: World;
  readonly actor: string;
  readonly device: number;
  readonly hardware: DeviceHardware;
  readonly state: DeviceState;
  /** Null: the file is not bound. */
  readonly bound: Binding | null;
}

export function atOf(world: World, actor: string, fd: number): At | null {
  const { of } = fileOf({ world }, actor, fd) ?? {};
  if (of?.kind !== 'cdev') return null;
  const { device, bound } = of;
  const hardware = world.platform.devices[device];
  const state = world.devices[device];
  return hardware === undefined || state === undefined
    ? null
    : { world, actor, device, hardware, state, bound };
}

/** Why a descriptor is no eventfd (eventfd_ctx_fdget()); null: it is one. */
export function notEventfd({ world, actor }: At, fd: number): Errno | null {
  const { of } = fileOf({ world }, actor, fd) ?? {};
  if (of === undefined) return 'EBADF';
  return of.kind === 'other' ? null : 'EINVAL';
}
