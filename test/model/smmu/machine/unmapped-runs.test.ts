import { describe, expect, it } from 'vitest';
import { dmaStaysInIoas } from '../../../../properties/smmu/dma-stays-in-ioas.ts';
import { Lab } from './lab.ts';

const MANY_IOVA = 0x100_0000n;

describe('an unmap of a run of pages that several commands cover together', () => {
  it.each([1, 2, 31, 32, 33, 35, 63, 64, 65, 127, 255, 257, 513, 1000])(
    'of %i pages leaves nothing of it in the caches',
    (pages) => {
      const lab = new Lab();
      lab.vsmmu();
      lab.vmm('vfioAttach', { fd: 'cdev', ptId: 'parent' });
      const length = BigInt(pages) * 0x1000n;
      const userVa = 0xffff_f6ff_9000n;
      lab.vmm('ioasMap', { fd: 'io', ioasId: 'ioas', flags: 7, iova: MANY_IOVA, userVa, length });
      expect(lab.last?.result.ok).toBe(true);
      lab.vmm('ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: MANY_IOVA, length });
      expect(lab.last?.result.ok).toBe(true);
      expect(dmaStaysInIoas.violated(lab.world)).toBeNull();
      expect(lab.world.machine?.stale).toEqual([]);
    },
  );
});
