import type { RuleChanges } from '../../model/rules.ts';
import { table } from '../table.ts';

const ioasMapMsiRules = {
  msi: { doorbellPlace: 'asked-for', messageHasGuestAddress: true },
} satisfies RuleChanges;

const forwardedGiovaRules = {
  msi: { doorbellPlace: 'told', messageHasGuestAddress: true },
} satisfies RuleChanges;

/** Who else could map the doorbell, and where: design by the name it is chosen by. */
export const MSI_DESIGNS = table({
  /**
   * HWPT_ALLOC of the nesting parent takes the guest-physical address of the doorbell, and no size: the kernel puts the first
   * doorbell there and each further one a page behind. It still chooses and keeps the addresses, so the guest still has to
   * map them one to one: those that its VMM knows of, which are the pages of the virtual ITS.
   */
  'cookie-user': {
    name: 'doorbell-cookie-user',
    kind: 'design',
    summary:
      "the kernel places doorbells from a guest-physical address on that the nesting parent's HWPT_ALLOC gives",
    source:
      'seed 004, Kevin Tian: "a new IOMMU_DMA_MSI_COOKIE_USER type which uses GPA (passed in in ALLOC_HWPT …) as IOVA"',
    rules: { msi: { doorbellPlace: 'cookie' } },
  },
  /**
   * The VMM maps each device's doorbell where its machine has the virtual ITS; the kernel finds the physical page by the
   * device. What the guest programs goes into the message, with the host's data.
   */
  'ioas-map-msi': {
    kind: 'design',
    summary:
      'IOAS_MAP_MSI(device, IOVA): a mapping that the VMM asks for, to what the kernel finds by the device',
    source:
      'seed 004, Robin Murphy: "something like an IOAS_MAP_MSI(device, IOVA) … the kernel resolves the PA from the IRQ layer and maps it, job done"',
    rules: ioasMapMsiRules,
  },
  /**
   * The other way out of two doorbells at one IOVA: both are in the IOAS, and an HWPT has those of the ITS of the device
   * for which it was allocated. A device of another ITS needs a nesting parent, a vIOMMU and a VMID of its own.
   */
  'split-hwpt': {
    name: 'doorbells-split-hwpts',
    kind: 'design',
    summary: 'as ioas-map-msi, but two ITSes at one IOVA split the IOAS into two HWPTs',
    source:
      'seed 004, Robin Murphy: "either we split the IOAS into two HWPTs to hold the different mappings"',
    rules: { msi: { ...ioasMapMsiRules.msi, doorbellsSplitHwpts: true } },
  },
  /** The interrupt layer lets a process map an ITS's doorbells, and IOAS_MAP takes that mapping as it takes memory. */
  'its-mmap': {
    kind: 'design',
    summary: 'user space maps the doorbells of an ITS, and an ordinary IOAS_MAP puts them into stage 2',
    source:
      'seed 004, Robin Murphy: "the IRQ layer exposes its own thing for userspace to mmap the ITS, then it can call a literal IOAS_MAP"',
    rules: { msi: { doorbellPlace: 'its-file', messageHasGuestAddress: true } },
  },
  /**
   * With each vector the VMM forwards what the guest wrote, and tells where its machine has the doorbell. The kernel puts the
   * guest's address into the message, keeps its own data, and maps the doorbell at the place that it was told when the vector
   * is switched on.
   */
  'forwarded-giova': {
    kind: 'design',
    summary:
      "the guest's own address goes into the message with VFIO_IRQ_SET; the kernel maps the doorbell behind it",
    source:
      'seed 004, Nicolin Chen: "we need a way to forward the gIOVA to kernel and pack it into the msi_msg structure"',
    rules: forwardedGiovaRules,
  },
  /** The earlier nesting series: the guest's binding of a doorbell is handed down, and there is one doorbell to a domain. */
  'single-doorbell': {
    kind: 'design',
    summary: 'one doorbell per nested domain, and no nesting for devices with a hardware MSI region',
    source:
      'linux-iommu 2021-04-11, SMMUv3 nested stage setup: "Nested mode single MSI doorbell per domain enforcement", "Enforce incompatibility between nested mode and HW MSI regions"',
    rules: {
      msi: { ...forwardedGiovaRules.msi, domainTakesSeveralDoorbells: false, nestsUntranslatedMsi: false },
    },
  },
});
