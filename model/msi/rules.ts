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
    'Whether doorbells can be mapped in an automatic HWPT, as in one that user space allocated.',
    true,
  ),
  // where the doorbell is mapped
  doorbellPlace: choice(
    'Who puts the doorbell where in stage 2: the kernel, into a `window` of its own, from the address of a `cookie` on, or at the address that it was `told` for the device; or the VMM, with a call that has it `asked-for` by device, or by mapping the `its-file`.',
    ['window', 'cookie', 'told', 'asked-for', 'its-file'],
    'window',
  ),
  windowIsReserved: flag(
    'Whether the MSI window is reserved in an IOAS while a device that needs it is attached.',
    true,
  ),
  windowIsEnforced: flag('Whether a doorbell for which the window has no room is refused.', true),
  doorbellGoesToCurrentDomain: flag(
    'Whether a doorbell is mapped in the domain that the group is on now, not in that of its kernel driver.',
    true,
  ),
  replaceKeepsDoorbells: flag("Whether a replace maps the group's doorbells in the new domain.", true),
  doorbellListIsLocked: flag(
    'Whether the list of doorbells stays locked from the look-up of a page until the page is in it.',
    true,
  ),
  mapMsiChecksLength: flag(
    "Whether IOAS_MAP_MSI refuses a range that is smaller than the doorbells of the device's ITS.",
    true,
  ),
  doorbellsSplitHwpts: flag(
    'Whether a second doorbell that is asked for at an address in use gets an HWPT of its own instead of EEXIST.',
    false,
  ),
  domainTakesSeveralDoorbells: flag(
    "Whether devices of several ITSes may share one domain under a guest's stage 1.",
    true,
  ),
  nestsUntranslatedMsi: flag(
    "Whether a device whose MSIs bypass the IOMMU may be put behind a guest's stage 1.",
    true,
  ),

  unisolatedMsiIsRefused: flag(
    'Whether a device cannot be bound if its writes may raise interrupts of other devices.',
    true,
  ),

  failedMessageLosesEvent: flag(
    'Whether the ITS event of a message is leaked if there is no place for its doorbell.',
    false,
  ),

  // what is in a message
  messageHasPlace: flag(
    'Whether a message has the IOVA at which its doorbell is mapped, not its physical address.',
    true,
  ),
  messageHasGuestAddress: flag("Whether the guest's own address goes into the message.", false),
  messageHasHostData: flag("Whether the data of a message is the host's.", true),
  messageKeepsItsAddress: flag(
    'Whether a message that is written again keeps the address that was found when it was first made.',
    true,
  ),

  // what the hardware does, and what is left
  msiIsTranslated: flag('Whether an MSI is translated as every other write of a device is.', true),
  vectorsGoWithFile: flag(
    "Whether closing a device's file frees its vectors, and what the kernel was told about them.",
    true,
  ),
} satisfies Declarations;

export type MsiRules = RulesOf<typeof msiPoints>;

export const msiIntended: MsiRules = intendedOf(msiPoints);
