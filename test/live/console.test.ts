import { describe, expect, it } from 'vitest';
import { complaintIn } from '../../live/console.ts';

const STAMP = '[   12.345678] ';

describe('a kernel console', () => {
  it.each([
    [
      'WARNING: CPU: 1 PID: 42 at drivers/iommu/iommufd/pages.c:1234 iopt_unmap+0x1c/0x40',
      'console WARN: drivers/iommu/iommufd/pages.c',
    ],
    [
      'WARNING: drivers/iommu/iommufd/pages.c:1234 at iopt_unmap+0x1c/0x40, CPU#0: init/42',
      'console WARN: drivers/iommu/iommufd/pages.c',
    ],
    ['kernel BUG at mm/slub.c:333!', 'console BUG: mm/slub.c'],
    [
      'BUG: KASAN: slab-use-after-free in iommufd_object_remove+0x44/0x90',
      'console KASAN: slab-use-after-free in iommufd_object_remove',
    ],
    ['refcount_t: underflow; use-after-free.', 'console refcount: refcount_t: underflow; use-after-free'],
    [
      'WARNING: possible circular locking dependency detected',
      'console lockdep: possible circular locking dependency',
    ],
    [
      'INFO: task init:42 blocked for more than 20 seconds.',
      'console hung task: task init blocked for more than',
    ],
    [
      'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010',
      'console fault: ',
    ],
    ['Kernel panic - not syncing: Attempted to kill init!', 'console panic: Attempted to kill init!'],
  ])('complains: %s', (line, kind) => {
    const found = complaintIn(`${STAMP}before\r\n${STAMP}${line}\r\n${STAMP}Call trace:\r\n`);
    expect(found?.kind.startsWith(kind)).toBe(true);
    expect(found?.excerpt.split('\n')[0]).toBe(STAMP + line);
    expect(found?.excerpt).not.toContain('before');
  });

  it('says much that is no complaint', () => {
    const lines = [
      'arm-smmu-v3 arm-smmu-v3.0.auto: event: F_TRANSLATION client: 0000:00:02.0 sid: 0x10 ssid: 0x0 iova: 0x4000000',
      'vfio-pci 0000:00:02.0: resetting',
      'ACPI: IORT: [Firmware Bug]: [map (____ptrval____)] conflicting mapping for input ID 0x800',
    ];
    expect(complaintIn(lines.map((line) => STAMP + line).join('\n'))).toBeNull();
  });
});
