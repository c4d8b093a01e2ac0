import type { Answer } from './answer.ts';

/** D-54 to D-70. */
export const MSI_ANSWERS: Readonly<Record<string, Answer>> = {
  'D-54': {
    answer:
      'Robin Murphy is right that host-managed MSIs need the stage-2 domain; that iommu-dma must look for it is not. iommufd itself maps the doorbell now, and interrupts arrive before and after a change of domains.',
    shows: [
      ['msi=rmr-window', 'msi-reaches-own-doorbell', 'holds'],
      ['msi=rmr-window', 'msi-keeps-working', 'holds'],
      ['msi=ioas-map-msi', 'msi-reaches-own-doorbell', 'holds'],
    ],
    verdicts: [
      'What it is for holds; the look-up (get_msi_mapping_domain) was not merged.',
      'Holds: iommufd_sw_msi() under `msi=rmr-window`, the VMM under `msi=ioas-map-msi`.',
    ],
  },
  'D-55': {
    answer:
      'Robin Murphy is right that nesting can do without it: under ioas-map-msi every MSI arrives and the kernel maps nothing unasked. It is needed where INTx is emulated by an MSI on a machine without an ITS.',
    shows: [
      ['msi=ioas-map-msi', 'msi-reaches-own-doorbell', 'holds'],
      ['msi=ioas-map-msi', 'intx-by-msi-is-delivered', 'violated'],
      ['msi=rmr-window', 'intx-by-msi-is-delivered', 'holds'],
    ],
    verdicts: [
      'Right for machines with an ITS; the trace is one without.',
      'It is how Linux 7.2 nests; that is a choice, not a need.',
    ],
  },
  'D-56': {
    answer:
      "Robin Murphy's design works: the VMM maps the doorbell at an IPA of its choice, the guest where it likes, and no memory layout is in the way. It is not built; the window that is built costs both.",
    shows: [
      ['msi=ioas-map-msi', 'msi-reaches-own-doorbell', 'holds'],
      ['msi=ioas-map-msi', 'any-memory-layout', 'holds'],
      ['msi=rmr-window', 'any-memory-layout', 'violated'],
    ],
    verdicts: [
      'Holds under `msi=ioas-map-msi`.',
      'Works; costs the wishes any-memory-layout and doorbell-is-asked-for.',
    ],
  },
  'D-57': {
    answer:
      'Nicolin Chen is right about the data: with the host writing it, no message reaches another doorbell or memory, whatever address the guest gives. What can fail is the arrival, when the kernel cannot map that address.',
    shows: [
      ['msi=forwarded-giova', 'msi-reaches-nothing-else', 'holds'],
      ['msi=forwarded-giova', 'unmapped-doorbell-faults-to-guest', 'holds'],
      ['msi=forwarded-giova', 'msi-reaches-own-doorbell', 'violated'],
    ],
    verdicts: [
      'Holds for safety (msi-reaches-nothing-else) under every design.',
      'Said later in the thread of his test. In the model addresses of host and guest differ, and the safety holds all the same.',
    ],
  },
  'D-58': {
    answer:
      'Forwarding works but comes late: the kernel learns the address when a vector is switched on, and then there is nobody left to refuse. Reading it back from the register is not modelled.',
    shows: [['msi=forwarded-giova', 'enabling-is-never-refused', 'violated']],
    verdicts: [
      'Works where the place is free; the trace is one where it is not.',
      'Not modelled: the address would come at the same call, so the same trace would be expected. A write that falls through would also let a guest write any address.',
    ],
  },
  'D-59': {
    answer:
      "Nicolin Chen expected that a middle man cannot be avoided; Robin Murphy's reply is right that it can: under ioas-map-msi the association is a mapping that the VMM owns.",
    shows: [
      ['msi=ioas-map-msi', 'doorbell-is-asked-for', 'holds'],
      ['msi=ioas-map-msi', 'no-doorbell-outlives-its-user', 'holds'],
      ['msi=forwarded-giova', 'what-is-reserved-is-used', 'violated'],
    ],
    verdicts: ['Works; the kernel then maps where nothing is reserved and nobody asked.', 'Holds.'],
  },
  'D-60': {
    answer:
      'Robin Murphy is right to refuse it: a cookie with a guest address gives a place and no size, so the second doorbell goes where the guest knows nothing of it, and its interrupts are lost.',
    shows: [
      ['msi=cookie-user', 'small-vits-loses-nothing', 'violated'],
      ['msi=cookie-user', 'what-is-reserved-is-used', 'violated'],
      ['msi=cookie-user', 'any-memory-layout', 'holds'],
    ],
    verdicts: [
      'Frees the VMM from the fixed window, and violates both properties.',
      'Holds under `msi=ioas-map-msi`.',
    ],
  },
  'D-61': {
    answer:
      "Nicolin Chen's concern is right where the VMM names the place: then a device with more doorbell pages has to be refused, or interrupts are lost. With the fixed window it does not matter.",
    shows: [
      ['msi=cookie-user', 'small-vits-loses-nothing', 'violated'],
      ['msi=rmr-window', 'small-vits-loses-nothing', 'holds'],
    ],
    verdicts: [
      'Needed under `msi=cookie-user`, which has no way to say it; `msi=ioas-map-msi` refuses the plug.',
      'Holds under `msi=rmr-window`: a page of the window for each doorbell.',
    ],
  },
  'D-62': {
    answer:
      'Nicolin Chen is right that the kernel can adapt and a VMM that only names a place cannot; the fixed size fits all devices of the model. It is a promise that Linux 7.2 does not enforce at its end.',
    shows: [
      ['msi=rmr-window', 'what-is-reserved-is-used', 'holds'],
      ['msi=cookie-user', 'small-vits-loses-nothing', 'violated'],
    ],
    verdicts: ['Holds under `msi=rmr-window`.', 'Violated under `msi=cookie-user`.'],
  },
  'D-63': {
    answer:
      "Robin Murphy's history is borne out: only the window that nobody asked for delivers INTx by MSI on a machine without an ITS, and lets two physical ITSes stand behind one virtual one with nothing refused.",
    shows: [
      ['msi=rmr-window', 'intx-by-msi-is-delivered', 'holds'],
      ['msi=ioas-map-msi', 'intx-by-msi-is-delivered', 'violated'],
      ['msi=rmr-window', 'second-its-works-or-eexist', 'holds'],
    ],
    verdicts: ['Holds under `msi=rmr-window` alone.', 'Right for machines with an ITS (D-55).'],
  },
  'D-64': {
    answer:
      'The debt that Robin Murphy names can be shown: a machine whose memory lies in the fake region can have no device. That it saved user space a change is history, which no run decides.',
    shows: [
      ['msi=rmr-window', 'any-memory-layout', 'violated'],
      ['msi=rmr-window', 'no-ram-behind-doorbell', 'holds'],
    ],
    verdicts: [
      'Costs the wish any-memory-layout.',
      'Not decided by a run. No memory lies behind a doorbell, so it is safe.',
    ],
  },
  'D-65': {
    answer:
      "Robin Murphy's IOAS_MAP_MSI works as conceived: the doorbell is asked for, a second ITS is an EEXIST at plug time, and nothing is lost. It was not built.",
    shows: [
      ['msi=ioas-map-msi', 'doorbell-is-asked-for', 'holds'],
      ['msi=ioas-map-msi', 'second-its-works-or-eexist', 'holds'],
    ],
    verdicts: [
      'Holds.',
      'Not modelled apart: it differs in how the kernel finds the doorbell, not in what is mapped.',
    ],
  },
  'D-66': {
    answer:
      "Both ways of Robin Murphy's work; Nicolin Chen's choice, EEXIST, costs nothing of what is checked. Splitting costs a second stage 2 of the machine's memory. The earlier rule of one doorbell refuses devices that would work.",
    shows: [
      ['msi=ioas-map-msi', 'second-its-works-or-eexist', 'holds'],
      ['msi=split-hwpt', 'memory-has-one-stage-2', 'violated'],
      ['msi=single-doorbell', 'second-its-works-or-eexist', 'violated'],
    ],
    verdicts: [
      'Holds.',
      'Nothing is refused or lost; costs the wish memory-has-one-stage-2.',
      'Refused with EINVAL, which does not say why, and also where no translation is meant.',
    ],
  },
  'D-67': {
    answer:
      'It would work, and is as cheeky as Robin Murphy says: whoever can map the ITS can write to it, and raise interrupts that are not its own.',
    shows: [['msi=its-mmap', 'only-devices-write-doorbells', 'violated']],
    verdicts: ['Violates only-devices-write-doorbells in one command.', 'Right.'],
  },
  'D-68': {
    answer:
      'Nicolin Chen is right: what is shown in sysfs is what the kernel uses, as long as the kernel chooses the place. A design in which the VMM chooses has nothing to show there.',
    shows: [
      ['msi=rmr-window', 'what-is-reserved-is-used', 'holds'],
      ['msi=cookie-user', 'what-is-reserved-is-used', 'violated'],
    ],
    verdicts: [
      'Holds under `msi=rmr-window`.',
      'Violated: under `msi=cookie-user` doorbells lie where nothing is reserved.',
    ],
  },
  'D-69': {
    answer:
      'Open upstream. In the model the captured address does no harm (no host address is in a message, nothing else is reached), but an interrupt can be lost when its place is taken.',
    shows: [
      ['msi=forwarded-giova', 'no-host-address-in-message', 'holds'],
      ['msi=forwarded-giova', 'msi-reaches-own-doorbell', 'violated'],
    ],
    verdicts: ['Safe; the trace is the interrupt that is lost.', 'Holds under `msi=rmr-window`.'],
  },
  'D-70': {
    answer:
      'Not decided: no design of the model has the options. What a fixed window costs is shown, a machine whose memory lies in it can have no device; that is what the options would avoid.',
    shows: [['msi=rmr-window', 'any-memory-layout', 'violated']],
    verdicts: [
      "Not modelled: the window's place is fixed in the model as in Linux 7.2. It would be `msi=rmr-window` with another start.",
      'Works; costs the wish any-memory-layout.',
    ],
  },
};
