/*
 * What each design for MSI doorbells buys and costs, with the traces as evidence. Markdown, for the page of the topic.
 */

function trace(folder: string, property: string): string {
  return `[${property}](../../../counterexamples/${folder}/${property}.md)`;
}

export const MSI_DESIGNS_COMPARED = `**\`rmr-window\`** (built): two ITSes work behind one virtual one, an ITS may have any number of doorbells, and nothing
depends on the machine having an ITS at all: it alone satisfies intx-by-msi-is-delivered. The guest has to map a window that
means nothing to it, and a machine whose memory lies in the window can have no device: it alone violates the wish
${trace('msi-rmr-window', 'any-memory-layout')}.

**\`cookie-user\`**: the window moves to where the VMM has room. But the VMM gives an address and no size: the second doorbell
goes a page behind the first, of which the machine's description told the guest nothing, and its interrupts are lost once
stage 1 is on. It alone violates ${trace('doorbell-cookie-user', 'small-vits-loses-nothing')}. What the kernel uses is reserved
nowhere (${trace('doorbell-cookie-user', 'what-is-reserved-is-used')}).

**\`ioas-map-msi\`**: the doorbell is a mapping of the VMM's like any other, to what the kernel finds by the device: it alone
grants the wish doorbell-is-asked-for. A device whose ITS is another one, or too large for the place, is refused when it is
plugged, by the call that says why. Such a device needs a second virtual ITS, the host has to take the guest's address for
the message, and a machine without an ITS gives none (${trace('ioas-map-msi', 'intx-by-msi-is-delivered')}).

**\`split-hwpt\`**: nothing is refused, two ITSes share one place. In return there are two nesting parents under one vSMMU,
each with all tables of the guest's memory and a VMID of its own, and every invalidation goes to two vIOMMUs: it alone violates
${trace('doorbells-split-hwpts', 'memory-has-one-stage-2')}. HWPTs of one IOAS no longer map the same.

**\`its-mmap\`**: no new call of iommufd. But whoever maps a doorbell can write to it, and the kernel cannot know whose ITS it
was given: it alone violates ${trace('its-mmap', 'only-devices-write-doorbells')}.

**\`forwarded-giova\`**: the VMM need not map anything. The kernel maps on its own account where nothing is reserved, and finds
that the place is taken only when a guest switches a vector on; then nobody can be refused any more, and an interrupt is lost:
it alone violates ${trace('forwarded-giova', 'enabling-is-never-refused')}.

**\`single-doorbell\`**: a second ITS is refused when the device is attached, so that nothing is lost later, but with EINVAL, as
anything that does not suit: it alone violates ${trace('single-doorbell', 'second-its-works-or-eexist')}. Devices whose MSIs no
IOMMU translates are kept out although they would work: it alone violates
${trace('single-doorbell', 'untranslated-msi-can-be-nested')}.

How the machine works, and what was assumed of designs that were never built: [MSIs](../../msi.md).`;
