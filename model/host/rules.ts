/** The decision points of devices that come and go. */
export interface HostRules {
  /** Whether a StreamID that a device has twice is left out the second time. */
  readonly repeatedStreamIsSkipped: boolean;
  /** Whether an IOVA that leads to this physical address is seen to be mapped. */
  mappingIsSeen(physical: bigint): boolean;
  /** Whether a device's table of CDs is freed as the device goes; else as the SMMU's driver does. */
  readonly cdTableGoesWithDevice: boolean;

  /** Whether a group stays on its domains while one of its devices is being reset. */
  readonly resetHoldsDomain: boolean;
}

declare module '../world/rules.ts' {
  interface Rules {
    readonly host: HostRules;
  }
}

export const hostIntended: HostRules = Object.freeze({
  repeatedStreamIsSkipped: true,
  mappingIsSeen: () => true,
  cdTableGoesWithDevice: true,
  resetHoldsDomain: true,
} satisfies HostRules);
