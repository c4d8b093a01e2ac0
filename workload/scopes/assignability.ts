import type { PasidPlatform } from '../../model/platform/pasid.ts';
import { ALL_HARDWARE } from '../../spec/pasid/descriptions.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { pasidPlatform } from './pasid-platform.ts';
import type { Scope } from './scope.ts';

const PREFIX = 'assignability-';

/**
 * As little as shows what two machines can do to each other: one function with two slices, one page of IOVA, PASIDs for both
 * slices and for two of each guest, and pages for a guest's tables to lead to other than that one.
 */
const LEAST = {
  parents: [{ id: 'vf0', slices: ['mdev0', 'mdev1'] }],
  pasids: 6,
  guestPasids: 2,
  ramPages: 3,
  iovaPages: 1,
  guestTables: 2,
} as const;

/**
 * The platform on which it is decided what can be assigned behind some hardware, `wider` in some measures where that is
 * not to be exhaustive.
 */
export function assignabilityScope(hardware: IommuHardware, wider: Partial<PasidPlatform> = {}): Scope {
  const name = PREFIX + hardware.name;
  return {
    name,
    summary: `Two virtual machines that take turns with a function or share it in slices behind ${hardware.name}: small enough for every sequence of commands.`,
    adversary: 'guest',
    platform: pasidPlatform(name, { ...LEAST, ...wider, hardware }),
  };
}

/** The scope of this name, for hardware that comes with the model; undefined where there is none. */
export function assignabilityScopeByName(name: string): Scope | undefined {
  const hardware = ALL_HARDWARE.find((each) => PREFIX + each.name === name);
  return hardware === undefined ? undefined : assignabilityScope(hardware);
}
