import { type GroupState, IDLE_DEVICE, IDLE_GROUP } from './host/device.ts';
import { EMPTY_SMMU } from './host/iommu.ts';
import { bootProbed } from './host/probe.ts';
import { bootPageRequests } from './iommufd/faults/waiting.ts';
import { NO_PINS } from './iommufd/pins.ts';
import { bootLegacy } from './legacy/machine.ts';
import { bootPasids } from './pasid/machine.ts';
import type { Platform, SmmuHardware } from './platform/platform.ts';
import { bootEmulated } from './smmu/emulated/emulated.ts';
import { bootMachine } from './smmu/machine/boot.ts';
import { newVm } from './vmm/vm.ts';
import { bootVtd } from './vtd/machine/boot.ts';
import { type Process, vmmOf } from './world/process.ts';
import type { World } from './world/world.ts';

const NEW_PROCESS: Process = Object.freeze({
  fds: Object.freeze([]),
  mappings: Object.freeze([]),
  calls: Object.freeze([]),
  itsMappings: Object.freeze([]),
});

function follows({ caches = false, smmus }: Platform, wanted: SmmuHardware['kind']): boolean {
  return caches && smmus.some(({ kind }) => kind === wanted);
}

/** A platform on which nothing has happened yet: no file open, no device bound. */
export function bootWorld(platform: Platform): World {
  const groups: (GroupState | null)[] = [];
  for (const { group } of platform.devices) {
    while (groups.length <= group) groups.push(null);
    groups[group] = IDLE_GROUP;
  }
  return {
    platform,
    processes: Object.fromEntries(platform.vms.map((vm) => [vmmOf(vm), NEW_PROCESS])),
    files: [],
    contexts: [],
    devices: platform.devices.map(() => IDLE_DEVICE),
    groups,
    smmus: platform.smmus.map((_, at) =>
      platform.probes === true ? { ...EMPTY_SMMU, probed: bootProbed(platform, at) } : EMPTY_SMMU,
    ),
    vms: (platform.vmHardware ?? []).map(newVm),
    machine: follows(platform, 'smmuv3') ? bootMachine(platform) : null,
    vtd: follows(platform, 'vtd') ? bootVtd(platform) : null,
    pageRequests: platform.devices.some(({ pageRequests = 0 }) => pageRequests > 0)
      ? bootPageRequests(platform.devices.length)
      : null,
    pasids: platform.pasid === undefined ? null : bootPasids(platform.pasid, platform.vms.length),
    emulated: platform.emulated === undefined ? null : bootEmulated(platform.emulated),
    pins: platform.mediated === undefined ? null : NO_PINS,
    legacy: platform.legacy === undefined ? null : bootLegacy(platform.legacy),
  };
}
