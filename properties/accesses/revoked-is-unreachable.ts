import { holdingsIn } from '../../model/accesses/holdings.ts';
import { hex } from '../look.ts';
import { hasMediated, hasMock } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const revokedIsUnreachable: StateProperty = {
  id: 'revoked-is-unreachable',
  sentence:
    'After a device has revoked the dma-buf of its registers, or was closed, no domain maps that dma-buf, and no later one does.',
  source: 'rule R-18; iommufd: Do not map/unmap revoked DMABUFs (2025-11)',
  kind: 'state',
  brokenBy: 'revoked-is-mapped-again',
  appliesTo: (platform) => hasMediated(platform) || hasMock(platform),
  violated({ pins, platform, devices }) {
    // A device takes them back when its file is closed.
    const kept = pins?.dmabufs.find(
      (each) => each?.revoked === false && each.bytes === undefined && devices[each.device]?.opened === false,
    );
    if (kept != null)
      return `registers of ${platform.devices[kept.device]?.id} are still given away, and its file is closed`;
    const found = pins?.mapped.find(({ dmabuf }) => pins.dmabufs[dmabuf]?.revoked !== false);
    if (found === undefined) return null;
    const device = platform.devices[pins?.dmabufs[found.dmabuf]?.device ?? -1]?.id;
    const what = device === undefined ? 'a dma-buf, which was' : `registers of ${device}, which were`;
    return `HWPT ${found.hwpt} maps ${hex(found.start)} to ${what} taken back`;
  },
  witness: (world) =>
    [...holdingsIn(world).values()].some(
      ({ area: { dmabuf }, hwpts }) =>
        dmabuf !== undefined && hwpts.length > 0 && world.pins?.dmabufs[dmabuf]?.revoked === true,
    ),
};
