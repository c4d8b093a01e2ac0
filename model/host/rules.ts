/** The decision points of devices that come and go. */
export interface ProbeRules {
  /** Whether a StreamID that a device has twice is left out the second time. */
  repeatedStreamIsSkipped(): boolean;
  /** Whether an IOVA that leads to this physical address is seen to be mapped. */
  mappingIsSeen(physical: bigint): boolean;
  /** Whether a device's table of CDs is freed as the device goes; else as the SMMU's driver does. */
  cdTableGoesWithDevice(): boolean;
}

export const probeIntended: ProbeRules = Object.freeze({
  repeatedStreamIsSkipped: () => true,
  mappingIsSeen: () => true,
  cdTableGoesWithDevice: () => true,
} satisfies ProbeRules);
