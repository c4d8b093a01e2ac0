import type { Answer } from './answer.ts';

const INTENDED = 'vmm=intended';
const QEMU = 'vmm=qemu-11';
const OPENVMM = 'vmm=openvmm-2026-08';
const CLOUD_HYPERVISOR = 'vmm=cloud-hypervisor-2026-09';
const LINUX = 'kernel=linux-7.2';

/** D-71 to D-80. */
export const VMM_ANSWERS: Readonly<Record<string, Answer | undefined>> = {
  'D-71': {
    answer:
      'OpenVMM’s answer is the architecture’s, as far as a VMM can give it: the device aborts, and CFGI_STE succeeds, since it does not look at an entry.',
    shows: [
      [QEMU, 'commands-stop-as-architected', 'violated'],
      [CLOUD_HYPERVISOR, 'commands-stop-as-architected', 'violated'],
      [INTENDED, 'commands-stop-as-architected', 'holds'],
      [INTENDED, 'device-sees-what-guest-asked', 'holds'],
    ],
    verdicts: [
      'QEMU 11. Stops a queue at a command that is legal, and the device goes on by an entry that is gone.',
      'OpenVMM, and the intended VMM. Costs the event that the architecture has for each transaction of such a stream; no interface lets a VMM tell it. What OpenVMM violates here is PREFETCH_ADDR and the base of its table, not this.',
      'cloud-hypervisor. Nothing stale is used, and the queue stops at a legal command.',
    ],
  },
  'D-72': {
    answer:
      'With a kernel that takes the tag from the parent, as Linux 7.2, each needs its own: sharing lets equal ASIDs of two vSMMUs meet in the TLB. With a tag for each vIOMMU, sharing costs nothing and saves a stage-2 table.',
    shows: [
      [`${LINUX},${QEMU}`, 'vsmmus-have-own-tag', 'violated'],
      [`${LINUX},${OPENVMM}`, 'vsmmus-have-own-tag', 'violated'],
      [`${LINUX},${INTENDED}`, 'vsmmus-have-own-tag', 'holds'],
      [QEMU, 'vsmmus-have-own-tag', 'holds'],
      [OPENVMM, 'vsmmus-have-own-tag', 'holds'],
    ],
    verdicts: [
      'QEMU 11. Violated on Linux 7.2, in two plugs; a recording has the DMA that landed in the other vSMMU’s page. Holds with a kernel that tags each vIOMMU.',
      'OpenVMM. The same.',
      'cloud-hypervisor. Costs a copy of the stage-2 table for each vSMMU; on Linux 7.2 it is what keeps them apart.',
    ],
  },
  'D-73': {
    answer:
      'What the operator says is known before any device, and nothing that comes or is refused changes it. What a host says first decides what may come later.',
    shows: [
      [INTENDED, 'boots-without-a-device', 'holds'],
      [INTENDED, 'refused-plug-leaves-no-trace', 'holds'],
      [QEMU, 'boots-without-a-device', 'violated'],
      [OPENVMM, 'refused-plug-leaves-no-trace', 'violated'],
      [CLOUD_HYPERVISOR, 'boots-without-a-device', 'violated'],
    ],
    verdicts: [
      'QEMU 11. With every property given it boots without a device; with one left at `auto`, the default, it does not.',
      'OpenVMM. Boots without one. The first device that is tried pins what all later ones must match exactly, even where it is refused.',
      'cloud-hypervisor. No vSMMU without a device (not verified: how its device manager makes them was not read).',
    ],
  },
  'D-74': {
    answer:
      'In one step: VFIO’s attach replaces, and a guest that changes a word of a live entry sees the old one or the new one.',
    shows: [
      [QEMU, 'replacement-is-hitless', 'holds'],
      [CLOUD_HYPERVISOR, 'replacement-is-hitless', 'violated'],
    ],
    verdicts: [
      'QEMU 11 and OpenVMM. A new HWPT has to be there before the old one goes, and a failure has to be undone.',
      'cloud-hypervisor. Simple to unwind, and nothing stale survives a failure; DMA between two legal entries is lost.',
    ],
  },
  'D-75': {
    answer:
      'All of them: SMMUEN and GBPA speak of every stream, and a device without a driver is named by no CFGI_STE.',
    shows: [
      [QEMU, 'device-sees-what-guest-asked', 'violated'],
      [CLOUD_HYPERVISOR, 'device-sees-what-guest-asked', 'violated'],
      [CLOUD_HYPERVISOR, 'vsmmu-state-is-bounded', 'violated'],
      [INTENDED, 'device-sees-what-guest-asked', 'holds'],
    ],
    verdicts: [
      'QEMU 11. A write of CR0 costs nothing, and a device keeps what it had: all of the guest’s memory over an empty table.',
      'OpenVMM, and the intended VMM. Each write of SMMUEN takes as many calls as there are devices. What OpenVMM violates here is the base of its table, not this.',
      'cloud-hypervisor. The same as (a) for a device that nobody named, and the guest decides how many names are kept.',
    ],
  },
  'D-76': {
    answer:
      'Neither is wrong by a rule. A queue made with the vIOMMU takes events that nobody wants yet; one made at EVENTQEN is as deep as a guest says, which may be one event.',
    shows: [
      [CLOUD_HYPERVISOR, 'lost-events-as-architected', 'holds'],
      [INTENDED, 'lost-events-as-architected', 'holds'],
      [QEMU, 'lost-events-as-architected', 'violated'],
    ],
    verdicts: [
      'QEMU 11. Faults before EVENTQEN go to the host’s log, as the architecture has it: a disabled queue records nothing. It is never made deeper, and survives a reset with what is in it. That property is violated by what QEMU tells of a queue that is full or disabled, not by this.',
      'OpenVMM with 256, cloud-hypervisor with 64. The VMM has to drop what comes while EVENTQEN is 0.',
    ],
  },
  'D-77': {
    answer:
      'The architecture has no word for it. OVFLG tells the guest that events were lost, which is true; GERROR would say that its queue’s memory failed, which is not.',
    shows: [
      [OPENVMM, 'lost-events-as-architected', 'holds'],
      [CLOUD_HYPERVISOR, 'lost-events-as-architected', 'holds'],
    ],
    verdicts: [
      'QEMU 11 and OpenVMM. The guest does not learn that it missed faults; the operator may.',
      'cloud-hypervisor. The guest looks for a queue that was too small, and finds none.',
      'No VMM. It violates the property: what answers has not failed.',
    ],
  },
  'D-78': {
    answer:
      'Those that the registers rule out, and those with an opcode that there is not (IHI0070 4.1.3): nothing else stops a queue.',
    shows: [
      [INTENDED, 'commands-stop-as-architected', 'holds'],
      [QEMU, 'commands-stop-as-architected', 'violated'],
      [OPENVMM, 'commands-stop-as-architected', 'violated'],
      [CLOUD_HYPERVISOR, 'commands-stop-as-architected', 'violated'],
    ],
    verdicts: [
      'QEMU 11. A guest that sends ATC_INV without ATS, or RESUME without stalls, is not told that nothing was done.',
      'The intended VMM.',
      'OpenVMM, and so PREFETCH_ADDR, which is legal everywhere. cloud-hypervisor knows all legal ones, and stops where the kernel refuses one of them.',
    ],
  },
  'D-79': {
    answer:
      'Those that mean something by the guest’s own registers, out of those that the kernel takes: what the architecture has a guest set freely is not the kernel’s to refuse, and what the guest was not given is not to be switched on.',
    shows: [
      [QEMU, 'device-sees-what-guest-asked', 'violated'],
      [CLOUD_HYPERVISOR, 'commands-stop-as-architected', 'violated'],
      [INTENDED, 'device-sees-what-guest-asked', 'holds'],
      [INTENDED, 'commands-stop-as-architected', 'holds'],
    ],
    verdicts: [
      'QEMU 11. One mask for all guests: EATS and S1CDMax reach a host that has what the guest has not.',
      'OpenVMM, and the intended VMM. Has to know what each field is gated by, and be changed with each that is advertised anew.',
      'cloud-hypervisor. Knows no field. A legal entry with SHCFG, MEV or a bit of the software’s is refused.',
    ],
  },
  'D-80': {
    answer:
      'The list as it stands cannot be kept and be enough: a VMM that compares what is listed puts a guest in front of a pSMMU with a smaller output size. That OAS is on no list is for the interface to mend.',
    shows: [
      ['vsmmu=listed-fields', 'listed-fields-decide', 'holds'],
      [INTENDED, 'listed-fields-decide', 'violated'],
      [INTENDED, 'attached-device-within-vsmmu', 'holds'],
      [QEMU, 'listed-fields-decide', 'violated'],
      [QEMU, 'attached-device-within-vsmmu', 'violated'],
      [QEMU, 'fitting-device-can-be-hotplugged', 'violated'],
      [OPENVMM, 'listed-fields-decide', 'violated'],
      [OPENVMM, 'attached-device-within-vsmmu', 'violated'],
      [CLOUD_HYPERVISOR, 'listed-fields-decide', 'violated'],
      [CLOUD_HYPERVISOR, 'attached-device-within-vsmmu', 'violated'],
    ],
    verdicts: [
      'No VMM. Keeps the words of the interface, and accepts a device whose pSMMU cannot translate what the guest is promised: where the output size alone differs it takes two commands (`nestcheck check --design vsmmu=listed-fields --scope one-vsmmu --set smmu0.IDR5.OAS=2 --property attached-device-within-vsmmu`).',
      'The intended VMM. Reads fields of which the interface says that a future kernel may give them another meaning.',
      'QEMU 11. Reads two that are not listed, asks for two that it emulates and refuses hosts that fit, and does not ask for ASID16, BBML, STALL_MODEL and HAD.',
      'OpenVMM. Reads one that is not listed, and does not ask for ASID16.',
      'cloud-hypervisor. Reads three that are not listed, so that a guest sees them; TERM_MODEL is not taken from the host.',
    ],
  },
};
