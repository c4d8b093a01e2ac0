import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly host: HostRules;
  }
}

/** The decision points of devices that come and go, and of descriptors. */
export const hostPoints = {
  repeatedStreamIsSkipped: flag(
    'Whether a StreamID that a device lists twice is skipped the second time.',
    true,
  ),
  mappingIsSeen: decision<(physical: bigint) => boolean>(
    'Whether an IOVA that maps to this physical address counts as mapped.',
    '(physical: bigint) => boolean',
    () => true,
  ),
  cdTableGoesWithDevice: flag(
    "Whether a device's CD table is freed with the device, rather than with the SMMU's driver.",
    true,
  ),

  descriptorIsLowest: flag(
    'Whether a process gets its lowest free descriptor, rather than the one behind its last.',
    true,
  ),

  resetHoldsDomain: flag(
    'Whether a group cannot be attached elsewhere while one of its devices is being reset.',
    true,
  ),
} satisfies Declarations;

export type HostRules = RulesOf<typeof hostPoints>;

export const hostIntended: HostRules = intendedOf(hostPoints);
