import { describe, expect, it } from 'vitest';
import { pageByPage } from '../../../../workload/scopes/page-by-page.ts';
import { type Line, play } from '../../../support/script.ts';

const VA = 0xffff_f6ff_9000n;

/** A guest's stage 1 without ATS, and then its bypass, where the host decides and has it; after one write of five. */
const LINES: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasMap', { fd: 'io', flags: 5, ioasId: 'ioas', userVa: VA, length: 0x2000n, iova: 0x4_0000n }],
  ['hwptAlloc', { fd: 'io', flags: 1, devId: 'dev', ptId: 'ioas' }, 'parent'],
  ['viommuAlloc', { fd: 'io', type: 1, devId: 'dev', hwptId: 'parent' }, 'viommu'],
  ['vdeviceAlloc', { fd: 'io', viommuId: 'viommu', devId: 'dev' }],
  [
    'hwptAlloc',
    { fd: 'io', devId: 'dev', ptId: 'viommu', dataType: 2, dataLen: 16, data: [0x4_000bn, 0n] },
    's1',
  ],
  ['vfioAttach', { fd: 'cdev', ptId: 's1' }],
  ['guestWriteCd', { valid: true, table: 0x4_1000n }],
  ['guestWritePte', { page: 1, index: 2, valid: true, ipa: 0x4_0000n }],
  ['hostInterrupt', {}],
  [
    'hwptAlloc',
    { fd: 'io', devId: 'dev', ptId: 'viommu', dataType: 2, dataLen: 16, data: [9n, 0n] },
    'bypass',
  ],
  ['vfioAttach', { fd: 'cdev', ptId: 'bypass' }],
  ['hostProceed', {}],
];

describe('a device whose ATS comes with the entry that is being written', () => {
  it('has no translations to send before it is written', () => {
    const { last } = play(pageByPage.platform, [...LINES, ['dma', { iova: 0x2000n, translated: true }]]);
    expect(last.result).toMatchObject({ ok: true, out: { addresses: [], events: [] } });
  });
});
