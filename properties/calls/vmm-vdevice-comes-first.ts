import { fileOf } from '../../model/world/files.ts';
import { objectOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import { boundOf, contextNumber, isTranslating, nameOf } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';

export const vmmVdeviceComesFirst: CallsProperty = {
  kind: 'calls',
  id: 'vmm-vdevice-comes-first',
  sentence:
    "A device has its vDEVICE, which gives it the guest's StreamID, before it is attached to an HWPT that translates for the guest.",
  source: 'iommufd.h: IOMMU_VDEVICE_ALLOC; Documentation/userspace-api/iommufd.rst (vDEVICE)',
  appliesTo: hasSmmu,
  brokenBy: 'late-vdevice',
  watch: () => {
    /** Devices that were to translate before they had one. */
    const early = new Map<number, string>();
    return watchCalls(({ before, world, command, result }, witness) => {
      if (command.command === 'vfioAttach') {
        const bound = boundOf(before, command.actor, command.args.fd);
        if (bound === null || !isTranslating(bound.context, command.args.ptId)) return null;
        if (objectOf(bound.context, bound.devId, 'device')?.vdevice === null)
          early.set(bound.device, result.ok ? 'attached' : `refused (${result.errno})`);
        else witness();
      }
      if (command.command !== 'vdeviceAlloc' || !result.ok) return null;
      const { actor, args } = command;
      const ctx = contextNumber(world, actor, args.fd);
      const context = ctx === null ? null : (world.contexts[ctx] ?? null);
      if (context === null || fileOf({ world }, actor, args.fd) === null) return null;
      const device = objectOf(context, args.devId, 'device')?.device ?? -1;
      const how = early.get(device);
      return how === undefined
        ? null
        : `${nameOf(world, device)} gets its vDEVICE after it was to translate (${how}) without one`;
    });
  },
};
