import type { Override } from '../model/rules.ts';
import { CONTAINER_DESIGNS } from './designs/kernel.ts';
import { MSI_DESIGNS } from './designs/msi.ts';
import { VSMMU_DESIGNS } from './designs/vsmmu.ts';
import { linux72 } from './deviations/linux-7.2.ts';
import { smmuOpenvmm } from './deviations/smmu-openvmm/index.ts';
import { smmuQemu11Deviations } from './deviations/smmu-qemu-11.ts';
import { vmmCloudHypervisor } from './deviations/vmm-cloud-hypervisor/index.ts';
import { vmmOpenvmm } from './deviations/vmm-openvmm/index.ts';
import { vmmQemu11 } from './deviations/vmm-qemu-11/index.ts';
import { vtdQemu11Deviations } from './deviations/vtd-qemu-11/index.ts';

/** One question on which designs differ, and the answers that can be chosen. The first is the default. */
export interface Axis {
  readonly name: string;
  readonly summary: string;
  readonly values: readonly AxisValue[];
}

/** An answer on an axis. */
export interface AxisValue {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly overrides: readonly Override[];
}

/** The axes of `--design`. */
export const DESIGN_AXES: readonly Axis[] = [
  {
    name: 'vsmmu',
    summary: "where a vSMMU's ID registers come from",
    values: [
      {
        name: 'specified',
        summary: "from the operator's properties; a device that does not fit is refused",
        source: 'seed 000, Jason Gunthorpe: "you need to fully specified on the command line"',
        overrides: [],
      },
      ...Object.entries(VSMMU_DESIGNS).map(([name, override]) => ({
        name,
        summary: override.summary,
        source: override.source,
        overrides: [override],
      })),
    ],
  },
  {
    name: 'msi',
    summary: "who maps the doorbell of a nested device's MSIs, and where",
    values: [
      {
        name: 'rmr-window',
        summary: 'the kernel, in a fixed window that the guest maps one to one (RMR)',
        source: 'drivers/iommu/iommufd/device.c: iommufd_sw_msi(); MSI_IOVA_BASE; IORT RMR nodes',
        overrides: [],
      },
      ...Object.entries(MSI_DESIGNS).map(([name, override]) => ({
        name,
        summary: override.summary,
        source: override.source,
        overrides: [override],
      })),
    ],
  },
  {
    name: 'kernel',
    summary: 'what the kernel does',
    values: [
      {
        name: 'intended',
        summary: 'what its documentation promises',
        source: 'Documentation/userspace-api/iommufd.rst, include/uapi/linux/iommufd.h',
        overrides: [],
      },
      {
        name: 'linux-7.2',
        summary: 'Linux 7.2.13 as recorded',
        source: 'conformance/recordings/linux-7.2.13',
        overrides: [...linux72, CONTAINER_DESIGNS['containers-of-7-2']],
      },
      {
        name: 'linux-6.11',
        summary: 'the containers of Linux 6.11, which could be asked to nest',
        source: 'Linux 6.11 drivers/vfio/vfio_iommu_type1.c',
        overrides: [CONTAINER_DESIGNS['containers-of-6-11']],
      },
    ],
  },
  {
    name: 'smmu',
    summary: 'what the physical SMMUv3 does',
    values: [
      { name: 'architecture', summary: 'what the architecture says', source: 'Arm IHI0070', overrides: [] },
      {
        name: 'qemu-11',
        summary: "QEMU 11.1.3's emulated SMMUv3 as recorded",
        source: 'conformance/recordings/qemu-11.1.3',
        overrides: smmuQemu11Deviations,
      },
      {
        name: 'openvmm-2026-08',
        summary: "OpenVMM's emulated SMMUv3 of August 2026 as read, not run",
        source: 'OpenVMM 1488a37b7cfe (2026-08-21)',
        overrides: smmuOpenvmm,
      },
    ],
  },
  {
    name: 'vtd',
    summary: 'what a VT-d remapping unit does',
    values: [
      {
        name: 'architecture',
        summary: 'what the specification says',
        source: 'Intel Virtualization Technology for Directed I/O, architecture specification',
        overrides: [],
      },
      {
        name: 'qemu-11',
        summary: "QEMU 11.1.3's intel-iommu as recorded",
        source: 'conformance/recordings/qemu-intel-iommu-11.1.3',
        overrides: vtdQemu11Deviations,
      },
    ],
  },
  {
    name: 'vmm',
    summary: 'what the VMM does',
    values: [
      {
        name: 'intended',
        summary: 'what the guest is promised',
        source: 'Arm IHI0070; include/uapi/linux/iommufd.h',
        overrides: [],
      },
      {
        name: 'qemu-11',
        summary: "QEMU 11.1.3's accelerated vSMMU as recorded",
        source: 'conformance/recordings/qemu-vsmmu-11.1.3; QEMU hw/arm/smmuv3-accel.c',
        overrides: vmmQemu11,
      },
      {
        name: 'openvmm-2026-08',
        summary: "OpenVMM's vSMMU of August 2026 as read, not run",
        source: 'OpenVMM 1488a37b7cfe (2026-08-21)',
        overrides: vmmOpenvmm,
      },
      {
        name: 'cloud-hypervisor-2026-09',
        summary: "cloud-hypervisor's vSMMU of September 2026 as read, not run",
        source: 'cloud-hypervisor 07addbae1c66 (pull request 8805)',
        overrides: vmmCloudHypervisor,
      },
    ],
  },
];
