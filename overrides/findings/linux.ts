import type { Finding } from './finding.ts';

const CONFORM = 'npx nestcheck conform conformance/recordings/linux-7.2.13/smmuv3-findings.jsonl.gz';
const SYSTEM = 'kernel=linux-7.2';

/** Linux 7.2.13's iommufd, VFIO and IOMMU drivers. */
export const LINUX_FINDINGS: readonly Finding[] = [
  { name: 'invalidate-drops-converted', label: 'F-1', severity: 1, known: 'run', reproducer: CONFORM },
  { name: 'failed-replace-unreserves', label: 'F-2', severity: 1, known: 'run', reproducer: CONFORM },
  { name: 'empty-invalidation-refused', label: 'F-3', severity: 3, known: 'recorded', reproducer: CONFORM },
  { name: 'failed-answer-detaches-rid', label: 'F-5', severity: 2, known: 'read' },
  {
    name: 'vsmmus-share-vmid',
    label: 'F-6',
    severity: 1,
    known: 'run',
    reproducer: CONFORM,
    upstream:
      'a FIXME in the source; a series of 2026-03-20 (v4, linux-tegra) moves the VMID into the vSMMU. Linux guests do not meet it: they have one ASID space',
  },
  { name: 'msi-window-unenforced', label: 'F-8', severity: 3, known: 'read' },
  { name: 'reserved-command-bits-passed', label: 'F-10', severity: 2, known: 'recorded' },
  { name: 'failed-nested-attach-blocks', label: 'F-11', severity: 3, known: 'read' },
  {
    name: 'map-file-takes-any',
    label: 'F-12',
    severity: 1,
    known: 'run',
    unmodelled: {
      system: SYSTEM,
      summary:
        "IOAS_MAP_FILE takes the iommufd's own descriptor, or that of a device bound to it: the context then holds itself, is never freed, and the device stays bound for ever",
      source: 'Linux 7.2.13, recording map-file-cycle: open files grew by one a round over 1,500 rounds',
    },
  },
  {
    name: 'dirty-tracking-reserved-ignored',
    label: 'F-13',
    severity: 3,
    known: 'recorded',
    unmodelled: {
      system: SYSTEM,
      summary: 'HWPT_SET_DIRTY_TRACKING accepts any value in a field that must be zero',
      source: 'Linux 7.2.13; include/uapi/linux/iommufd.h, struct iommu_hwpt_set_dirty_tracking',
    },
  },
  {
    name: 'compat-map-without-protection',
    label: 'F-14',
    severity: 3,
    known: 'recorded',
    unmodelled: {
      system: SYSTEM,
      summary: 'VFIO_IOMMU_MAP_DMA on an iommufd accepts a mapping that can neither be read nor written',
      source: 'Linux 7.2.13; include/uapi/linux/vfio.h: READ, WRITE or both',
    },
  },
  {
    name: 'failed-message-loses-event',
    label: 'F-15',
    severity: 1,
    known: 'run',
    reproducer:
      'npx nestcheck conform conformance/recordings/linux-7.2.13/live/failed-message-loses-event.jsonl',
  },
  { name: 'nested-device-incoherent', severity: 2, known: 'read' },
  { name: 'viommu-reserved-ignored', severity: 3, known: 'recorded' },
  { name: 'virt-id-truncated', severity: 2, known: 'recorded' },
  { name: 'pasid-zero-is-rid', severity: 3, known: 'read' },
  { name: 'container-cookie-of-first-group', severity: 2, known: 'read' },
];
