import './effects.ts';
import type { Machine } from '../world/machine.ts';
import { type GroupState, IDLE_DEVICE, IDLE_GROUP } from './device.ts';
import { EMPTY_SMMU } from './iommu.ts';
import { bootProbed } from './probe.ts';
import { resetBegins, resetEnds } from './reset.ts';
import { hostPoints } from './rules.ts';

/** What the host's kernel knows of devices, IOMMU groups and IOMMUs, whoever uses them. */
export const host = {
  name: 'host',
  commands: {},
  handlers: {
    resetBegins: (tx, _args, actor) => resetBegins(tx, actor),
    resetEnds: (tx, _args, actor) => resetEnds(tx, actor),
  },
  rules: { host: hostPoints },
  boot(platform) {
    const groups: (GroupState | null)[] = [];
    for (const { group } of platform.devices) {
      while (groups.length <= group) groups.push(null);
      groups[group] = IDLE_GROUP;
    }
    return {
      devices: platform.devices.map(() => IDLE_DEVICE),
      groups,
      iommus: platform.iommus.map((_, at) =>
        platform.probes === true ? { ...EMPTY_SMMU, probed: bootProbed(platform, at) } : EMPTY_SMMU,
      ),
    };
  },
} satisfies Machine;
