import { choice, type Declarations, flag, intendedOf, type RulesOf } from '../world/declare.ts';

/** What Linux built, as its documentation has it: a window that the kernel keeps, and host addresses in it. */
declare module '../world/rules.ts' {
  interface Rules {
    readonly msi: MsiRules;
  }
}

/** Who maps the doorbell of a device's MSIs, at which address, and who keeps track of it. */
export const msiPoints = {
  automaticHwptHasDoorbells: flag(
    'Whether an automatic HWPT has a place for doorbells, as one that user space made has.',
    true,
  ),
  // where the doorbell is mapped
  doorbellPlace: choice(
    'Who puts the doorbell where in stage 2: the kernel, into a `window` of its own, from the address of a `cookie` on, or at the address that it was `told` for the device; or the VMM, with a call that has it `asked-for` by device, or by mapping the `its-file`.',
    ['window', 'cookie', 'told', 'asked-for', 'its-file'],
    'window',
  ),
  windowIsReserved: flag(
    "Whether the MSI window is out of an IOAS's use while a device with one is attached.",
    true,
  ),
  windowIsEnforced: flag('Whether a doorbell for which the window has no room is refused.', true),
  doorbellGoesToCurrentDomain: flag(
    "Whether a doorbell is mapped where the group's DMA goes now, and not where it went under the kernel's own driver.",
    true,
  ),
  replaceKeepsDoorbells: flag(
    "Whether a domain that takes another's place gets the doorbells that its group needs.",
    true,
  ),
  doorbellListIsLocked: flag(
    'Whether the list of doorbells is locked from looking a page up until it is in.',
    true,
  ),
  mapMsiChecksLength: flag(
    "Whether IOAS_MAP_MSI refuses a range that is smaller than the doorbells of the device's ITS.",
    true,
  ),
  doorbellsSplitHwpts: flag(
    'Whether a doorbell that is where another one is asked for gets an HWPT of its own instead of EEXIST.',
    false,
  ),
  domainTakesSeveralDoorbells: flag(
    "Whether devices of several ITSes may be on one domain under a guest's stage 1.",
    true,
  ),
  nestsUntranslatedMsi: flag(
    "Whether a device whose MSIs no IOMMU translates may be under a guest's stage 1.",
    true,
  ),

  unisolatedMsiIsRefused: flag(
    'Whether a device is kept from users where its writes may raise interrupts of others.',
    true,
  ),

  failedMessageLosesEvent: flag(
    'Whether an event of the ITS that was taken for a message stays taken where its doorbell then finds no place.',
    false,
  ),

  // what is in a message
  messageHasPlace: flag(
    'Whether a message has the place at which the doorbell is mapped, and not its physical address.',
    true,
  ),
  messageHasGuestAddress: flag("Whether the guest's own address goes into the message.", false),
  messageHasHostData: flag("Whether the data of a message is the host's.", true),
  messageKeepsItsAddress: flag(
    'Whether a message that is written again has the address that was found when it was made.',
    true,
  ),

  // what the hardware does, and what is left
  msiIsTranslated: flag('Whether an MSI is translated as every other write of a device is.', true),
  vectorsGoWithFile: flag(
    "Whether a device's vectors, and what the kernel was told of them, go when its file is closed.",
    true,
  ),
} satisfies Declarations;

export type MsiRules = RulesOf<typeof msiPoints>;

export const msiIntended: MsiRules = intendedOf(msiPoints);
