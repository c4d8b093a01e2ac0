import type { Context } from '../../model/iommufd/context.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { decodeCommand } from '../../spec/smmuv3/command.ts';
import { contextOfFd, hex, objectOf } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** StreamIDs that the guest's commands in a step name. */
function streamsNamed({ effects }: Transition): readonly number[] {
  const streams: number[] = [];
  for (const effect of effects) {
    if (effect.kind !== 'smmuCommands' || effect.by !== 'guest') continue;
    for (const words of effect.commands) {
      const command = decodeCommand(words);
      switch (command?.name) {
        case 'CFGI_CD':
        case 'CFGI_CD_ALL':
        case 'ATC_INV':
          streams.push(command.fields.StreamID);
      }
    }
  }
  return streams;
}

/** The StreamIDs of the devices with a vDEVICE on a vIOMMU. */
function streamsOf(platform: Platform, context: Context, viommu: number): ReadonlySet<number> {
  const streams = context.objects.flatMap((slot) => {
    if (slot?.type !== 'vdevice' || slot.viommu !== viommu) return [];
    const device = objectOf(context, slot.devId, 'device');
    return device === null ? [] : (platform.devices[device.device]?.streamIds ?? []);
  });
  return new Set(streams);
}

export const invalidationNamesOwnVdevice: StepProperty = {
  id: 'invalidation-names-own-vdevice',
  sentence: 'A StreamID in an invalidation reaches a device only if that has a vDEVICE on the vIOMMU.',
  source: 'include/uapi/linux/iommufd.h: struct iommu_viommu_arm_smmuv3_invalidate; rule R-26',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'vdevice-found-before-init',
  violated(transition) {
    const { before, command } = transition;
    if (command.command !== 'hwptInvalidate') return null;
    const named = streamsNamed(transition);
    if (named.length === 0) return null;
    const context = contextOfFd(before, command.actor, command.args.fd);
    if (context === null) return null;
    const own = streamsOf(before.platform, context, command.args.hwptId);
    const foreign = named.find((stream) => !own.has(stream));
    return foreign === undefined
      ? null
      : `an invalidation reaches StreamID ${hex(BigInt(foreign))}, which has no vDEVICE on vIOMMU ${command.args.hwptId}`;
  },
  witness: (transition) =>
    transition.command.command === 'hwptInvalidate' && streamsNamed(transition).length > 0,
};
