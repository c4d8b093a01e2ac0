import type { Finding, Known, Severity } from './finding.ts';

/** Rows of a VMM; a sentence stands where the model has no override. */
type Row = readonly [name: string, severity: Severity, known: Known, summary?: string, source?: string];

function rows(system: string, all: readonly Row[]): readonly Finding[] {
  return all.map(([name, severity, known, summary, source]) => ({
    name,
    severity,
    known,
    ...(summary === undefined || source === undefined ? {} : { unmodelled: { system, summary, source } }),
  }));
}

const ACCEL = 'QEMU hw/arm/smmuv3-accel.c';

/** QEMU 11.1.3's accelerated vSMMU; recordings of it are of a real one on Linux 7.2.13. */
export const QEMU_FINDINGS: readonly Finding[] = rows('vmm=qemu-11', [
  ['later-device-not-configured', 1, 'run'],
  [
    'smmuen-reconfigures-nothing',
    1,
    'run',
    'a device goes on as before when the guest sets or clears SMMUEN: over a stream table of zeros it reaches all guest memory',
    `${ACCEL}; seen on 11.1.3`,
  ],
  [
    'gbpa-applies-while-enabled',
    2,
    'run',
    'a write to GBPA takes every device off its stage 1 also while SMMUEN is 1',
    `${ACCEL}; seen on 11.1.3`,
  ],
  [
    'parent-shared-by-container',
    1,
    'run',
    'the vSMMUs of a machine share a nesting parent, and with Linux 7.2 its VMID: a DMA of the second landed in a page of the first',
    'QEMU hw/vfio/iommufd.c; seen on 11.1.3',
  ],
  [
    'unplug-opens-memory',
    2,
    'recorded',
    'a device that is unplugged is put on the guest-memory HWPT before it is detached',
    `${ACCEL}; seen on 11.1.3`,
  ],
  [
    'missing-ste-keeps-previous',
    1,
    'recorded',
    'a device whose STE is not in the table any longer goes on translating by the old one',
    `${ACCEL}: smmuv3_accel_install_ste(); seen on 11.1.3`,
  ],
  [
    'illegal-ste-keeps-previous',
    2,
    'recorded',
    'a device whose new STE is illegal goes on translating by the old one, and CFGI_STE fails',
    `${ACCEL}: smmuv3_accel_install_ste(); seen on 11.1.3`,
  ],
  ['refused-ste-keeps-previous', 2, 'recorded'],
  [
    'ignored-ste-fields-passed',
    1,
    'recorded',
    'STE.EATS and S1CDMax reach the kernel although the vSMMU has neither ATS nor substreams; invalidations of the ATC do not follow',
    `${ACCEL}: STE0_MASK, STE1_MASK; seen on 11.1.3`,
  ],
  ['fixed-fields-unchecked', 2, 'read'],
  [
    'emulated-fields-compared',
    3,
    'read',
    'a device is refused for the stream table formats or StreamID bits of its pSMMU, which the vSMMU emulates',
    `${ACCEL}: smmuv3_accel_check_hw_compatible()`,
  ],
  ['auto-as-first-device', 3, 'recorded'],
  [
    'renumber-keeps-vdevice',
    2,
    'recorded',
    "after a change of bus numbers a device's vDEVICE has its old StreamID",
    `${ACCEL}: smmuv3_accel_alloc_vdev(); seen on 11.1.3`,
  ],
  ['two-level-format-sticks', 3, 'recorded'],
  [
    'unadvertised-commands-consumed',
    3,
    'recorded',
    'ATC_INV without ATS, EL2 and EL3 TLBI, RESUME, STALL_TERM and PRI_RESP are consumed, not CERROR_ILL',
    'QEMU hw/arm/smmuv3.c: smmuv3_cmdq_consume(); seen on 11.1.3',
  ],
  ['guarded-registers-written', 3, 'recorded'],
  [
    'lost-event-is-queue-error',
    2,
    'recorded',
    "an event that finds the guest's queue full or disabled raises GERROR.EVENTQ_ABT_ERR, never OVFLG",
    'QEMU hw/arm/smmuv3.c: smmuv3_propagate_event(); seen on 11.1.3',
  ],
]);

const OPENVMM = 'OpenVMM 1488a37b7cfe (2026-08-21)';

/** OpenVMM's vSMMU at 1488a37b7cfe. */
export const OPENVMM_FINDINGS: readonly Finding[] = rows("OpenVMM's vSMMU", [
  [
    'live-parent-shared',
    1,
    'read',
    'a vSMMU goes on any nesting parent of the machine that takes it, and with Linux 7.2 has its VMID',
    `${OPENVMM}: manager.rs: select_nesting_parent()`,
  ],
  [
    'asid-bits-unchecked',
    2,
    'read',
    'ASID16 of a pSMMU is not compared with the 16 bits that the vSMMU advertises',
    `${OPENVMM}: smmu/src/shared.rs: resolve_host_caps()`,
  ],
  [
    'first-host-pinned',
    3,
    'read',
    'the first device that is tried, even in vain, fixes the capabilities of all later ones',
    `${OPENVMM}: smmu/src/shared.rs: resolve_host_caps()`,
  ],
  [
    'acknowledgement-restarts-nothing',
    2,
    'read',
    'a command queue that an error stopped stands still after the guest has acknowledged the error',
    `${OPENVMM}: smmu/src/emulator.rs: write_gerrorn()`,
  ],
  [
    'prefetch-is-illegal',
    2,
    'read',
    'CMD_PREFETCH_ADDR, which is legal, stops the command queue',
    `${OPENVMM}: smmu/src/emulator.rs: CmdOpcode`,
  ],
  [
    'register-halves-dropped',
    2,
    'read',
    'a guest that writes a 64-bit register in two halves does not set it',
    `${OPENVMM}: smmu/src/emulator.rs`,
  ],
  ['table-base-written-in-use', 3, 'read'],
  [
    'table-base-not-aligned',
    3,
    'read',
    'a stream table begins where STRTAB_BASE says, and not at a multiple of its size',
    `${OPENVMM}: smmu/src/shared.rs`,
  ],
]);

const CLOUD = 'cloud-hypervisor 07addbae1c66, 43659ea3404c (2026-09)';

/** cloud-hypervisor's vSMMU. What its device manager does was not read: plug while the machine runs may not exist. */
export const CLOUD_HYPERVISOR_FINDINGS: readonly Finding[] = rows("cloud-hypervisor's vSMMU", [
  [
    'endpoint-bypasses-first',
    1,
    'read',
    'a device reaches all guest memory from when it is registered until its first CFGI_STE, whatever GBPA says',
    `${CLOUD}: iommufd.rs: register_endpoint()`,
  ],
  [
    'only-named-streams-configured',
    1,
    'read',
    'SMMUEN and GBPA have an effect only on streams that a CFGI_STE has named; one that fails keeps the rest as they are',
    `${CLOUD}: smmuv3.rs: CR0 and GBPA writes`,
  ],
  [
    'ste-ranges-ignored',
    1,
    'read',
    'CFGI_STE_RANGE and CFGI_ALL do nothing, and devices go on with entries that the guest has taken away',
    `${CLOUD}: smmuv3.rs`,
  ],
  [
    'named-streams-kept',
    1,
    'read',
    'every StreamID that a CFGI_STE names is kept, whether there is a device or not: a guest makes the VMM grow without end',
    `${CLOUD}: smmuv3.rs: stream_ids`,
  ],
  [
    'raw-ste-words',
    2,
    'read',
    "an STE with SHCFG, MEV or a bit that is the software's own is refused, and CFGI_STE fails; Linux guests of 6.10 to 6.12 set SHCFG",
    `${CLOUD}: iommufd.rs: install_table_entry()`,
  ],
  [
    'registers-of-first-device',
    2,
    'read',
    'TERM_MODEL 0 is advertised whatever the host has, and granules that no host has where none is shared',
    `${CLOUD}: smmuv3.rs: set_host_id_regs()`,
  ],
  [
    'later-devices-unchecked',
    2,
    'read',
    'a later device is not compared with what the vSMMU advertises',
    `${CLOUD}: iommufd.rs: register_endpoint()`,
  ],
  [
    'replacement-by-abort',
    2,
    'read',
    'between two STEs a device aborts, though both translate',
    `${CLOUD}: iommufd.rs: install_table_entry()`,
  ],
  [
    'foreign-streams-handed-on',
    2,
    'read',
    'CFGI_CD for a StreamID without a device is refused by the kernel and stops the queue',
    `${CLOUD}: smmuv3.rs: CFGI_CD`,
  ],
  [
    'failed-ste-fetch-stops',
    2,
    'read',
    'an STE in memory that does not answer stops the queue, and its device keeps the one before',
    `${CLOUD}: smmuv3.rs: read_ste()`,
  ],
  [
    'failed-backing-leaks',
    3,
    'read',
    'a vIOMMU that cannot be completed leaves its nesting parent behind',
    `${CLOUD}: iommufd.rs: IommufdVIommu::new()`,
  ],
  ['queue-index-written-in-use', 3, 'read'],
  ['secure-atc-handed-on', 3, 'read'],
]);
