import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly host: HostRules;
  }
}

/** The decision points of devices that come and go. */
export const hostPoints = {
  repeatedStreamIsSkipped: flag(
    'Whether a StreamID that a device has twice is left out the second time.',
    true,
  ),
  mappingIsSeen: decision<(physical: bigint) => boolean>(
    'Whether an IOVA that leads to this physical address is seen to be mapped.',
    '(physical: bigint) => boolean',
    () => true,
  ),
  cdTableGoesWithDevice: flag(
    "Whether a device's table of CDs is freed as the device goes; else as the SMMU's driver does.",
    true,
  ),

  resetHoldsDomain: flag(
    'Whether a group stays on its domains while one of its devices is being reset.',
    true,
  ),
} satisfies Declarations;

export type HostRules = RulesOf<typeof hostPoints>;

export const hostIntended: HostRules = intendedOf(hostPoints);
