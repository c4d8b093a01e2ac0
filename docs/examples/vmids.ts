import type { UserProperty } from 'nestcheck';

const vmidsAreFew: UserProperty = {
  id: 'vmids-are-few',
  sentence: 'No pSMMU has more than three VMIDs in use at a time.',
  source: 'an 8-bit VMID field and 200 guests',
  kind: 'state',
  violated(world) {
    const at = world.iommus.findIndex(({ vmids }) => vmids.length > 3);
    return at < 0 ? null : `pSMMU ${at} has ${world.iommus[at]?.vmids.length} VMIDs in use`;
  },
  witness: (world) => world.iommus.some(({ vmids }) => vmids.length > 0),
};

export const properties = [vmidsAreFew];
