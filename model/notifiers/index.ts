import type { Machine } from '../world/machine.ts';
import { NOTIFIER_COMMANDS } from './command.ts';
import { repeatedFlush, repeatedMap, repeatedUnmap } from './machine.ts';
import { notifierPoints } from './rules.ts';

/** A VMM's emulated IOMMU that has no nesting: what its guest maps, the VMM has the host map, range by range. */
export const notifiers = {
  name: 'notifiers',
  commands: NOTIFIER_COMMANDS,
  handlers: { repeatedMap, repeatedUnmap, repeatedFlush },
  rules: { notifiers: notifierPoints },
  facts: ['repeated'],
  boot: (platform) => ({ repeated: platform.notifiers === undefined ? null : { guest: {}, host: {} } }),
} satisfies Machine;
