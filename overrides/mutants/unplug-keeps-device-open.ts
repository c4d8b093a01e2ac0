import type { Override } from '../../model/rules.ts';

/** Shows that what an unplug leaves is really looked at. */
export const unplugKeepsDeviceOpen: Override = {
  name: 'unplug-keeps-device-open',
  kind: 'mutant',
  summary: "a VMM does not close an unplugged device's file",
  source: 'no such bug is known',
  rules: { vmm: { unplugClosesDevice: false } },
};
