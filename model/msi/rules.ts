/** The decision points that choose one of a few words, with the words. */
export const MSI_CHOICES = {
  doorbellPlace: ['window', 'cookie', 'told', 'asked-for', 'its-file'],
} as const;

type Choice<Point extends keyof typeof MSI_CHOICES> = (typeof MSI_CHOICES)[Point][number];

/** Who maps the doorbell of a device's MSIs, at which address, and who keeps track of it. */
export interface MsiRules {
  /** Whether an automatic HWPT has a place for doorbells, as one that user space made has. */
  readonly automaticHwptHasDoorbells: boolean;
  // where the doorbell is mapped
  /**
   * Who puts the doorbell where in stage 2: the kernel, into a `window` of its own, from the address of a `cookie` on,
   * or at the address that it was `told` for the device; or the VMM, with a call that has it `asked-for` by device, or
   * by mapping the `its-file`.
   */
  readonly doorbellPlace: Choice<'doorbellPlace'>;
  /** Whether the MSI window is out of an IOAS's use while a device with one is attached. */
  readonly windowIsReserved: boolean;
  /** Whether a doorbell for which the window has no room is refused. */
  readonly windowIsEnforced: boolean;
  /** Whether a doorbell is mapped where the group's DMA goes now, and not where it went under the kernel's own driver. */
  readonly doorbellGoesToCurrentDomain: boolean;
  /** Whether a domain that takes another's place gets the doorbells that its group needs. */
  readonly replaceKeepsDoorbells: boolean;
  /** Whether the list of doorbells is locked from looking a page up until it is in. */
  readonly doorbellListIsLocked: boolean;
  /** Whether IOAS_MAP_MSI refuses a range that is smaller than the doorbells of the device's ITS. */
  readonly mapMsiChecksLength: boolean;
  /** Whether a doorbell that is where another one is asked for gets an HWPT of its own instead of EEXIST. */
  readonly doorbellsSplitHwpts: boolean;
  /** Whether devices of several ITSes may be on one domain under a guest's stage 1. */
  readonly domainTakesSeveralDoorbells: boolean;
  /** Whether a device whose MSIs no IOMMU translates may be under a guest's stage 1. */
  readonly nestsUntranslatedMsi: boolean;

  /** Whether a device is kept from users where its writes may raise interrupts of others. */
  readonly unisolatedMsiIsRefused: boolean;

  // what is in a message
  /** Whether a message has the place at which the doorbell is mapped, and not its physical address. */
  readonly messageHasPlace: boolean;
  /** Whether the guest's own address goes into the message. */
  readonly messageHasGuestAddress: boolean;
  /** Whether the data of a message is the host's. */
  readonly messageHasHostData: boolean;
  /** Whether a message that is written again has the address that was found when it was made. */
  readonly messageKeepsItsAddress: boolean;

  // what the hardware does, and what is left
  /** Whether an MSI is translated as every other write of a device is. */
  readonly msiIsTranslated: boolean;
  /** Whether a device's vectors, and what the kernel was told of them, go when its file is closed. */
  readonly vectorsGoWithFile: boolean;
}

/** What Linux built, as its documentation has it: a window that the kernel keeps, and host addresses in it. */
declare module '../world/rules.ts' {
  interface Rules {
    readonly msi: MsiRules;
  }
}

export const msiIntended: MsiRules = Object.freeze({
  automaticHwptHasDoorbells: true,
  doorbellPlace: 'window',
  windowIsReserved: true,
  windowIsEnforced: true,
  doorbellGoesToCurrentDomain: true,
  replaceKeepsDoorbells: true,
  doorbellListIsLocked: true,
  mapMsiChecksLength: true,
  doorbellsSplitHwpts: false,
  domainTakesSeveralDoorbells: true,
  nestsUntranslatedMsi: true,
  unisolatedMsiIsRefused: true,
  messageHasPlace: true,
  messageHasGuestAddress: false,
  messageHasHostData: true,
  messageKeepsItsAddress: true,
  msiIsTranslated: true,
  vectorsGoWithFile: true,
} satisfies MsiRules);
