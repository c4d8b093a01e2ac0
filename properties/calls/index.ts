import type { CallsProperty } from './property.ts';
import { vmmCleansUp } from './vmm-cleans-up.ts';
import { vmmKeepsItsDescriptors } from './vmm-keeps-its-descriptors.ts';
import { vmmLosesNoEvents } from './vmm-loses-no-events.ts';
import { vmmMapsAroundDoorbells } from './vmm-maps-around-doorbells.ts';
import { vmmParentIsAskedFor } from './vmm-parent-is-asked-for.ts';
import { vmmReadsItsEvents } from './vmm-reads-its-events.ts';
import { vmmReplacesAtOnce } from './vmm-replaces-at-once.ts';
import { vmmResumesInvalidations } from './vmm-resumes-invalidations.ts';
import { vmmUnplugOpensNothing } from './vmm-unplug-opens-nothing.ts';
import { vmmVdeviceComesFirst } from './vmm-vdevice-comes-first.ts';

export type { CallsProperty, CallsWatch } from './property.ts';

/** What only a VMM can get wrong, over its calls alone: looked at in recordings. */
export const CALLS_PROPERTIES: readonly CallsProperty[] = [
  vmmCleansUp,
  vmmParentIsAskedFor,
  vmmUnplugOpensNothing,
  vmmReplacesAtOnce,
  vmmVdeviceComesFirst,
  vmmResumesInvalidations,
  vmmReadsItsEvents,
  vmmLosesNoEvents,
  vmmMapsAroundDoorbells,
  vmmKeepsItsDescriptors,
];
