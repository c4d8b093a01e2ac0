import { VEVENTQ_TYPE } from '../../spec/iommufd/constants.ts';
import { decodeEvent } from '../../spec/smmuv3/event.ts';
import { hex } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

export const guestSeesItsEventsOnly: StepProperty = {
  id: 'guest-sees-its-events-only',
  sentence: 'A guest gets events of its own devices only, under its own StreamIDs, and no stage-2 faults.',
  source: 'drivers/iommu/arm/arm-smmu-v3: arm_smmu_handle_event(), arm_vmaster_report_event()',
  kind: 'step',
  appliesTo: hasSmmu,
  brokenBy: 'virt-id-truncated',
  violated({ before, effects, world }) {
    for (const effect of effects) {
      if (effect.kind !== 'vevent') continue;
      const event = decodeEvent(effect.words);
      if (event === undefined) return 'an event of unknown type reached a guest';
      const vmaster = before.devices[effect.device]?.vmaster ?? null;
      const stream = BigInt((event.fields as { StreamID?: number }).StreamID ?? -1);
      if (vmaster === null || vmaster.ctx !== effect.ctx)
        return `an event of another VM's device reached a guest`;
      const queue = world.contexts[effect.ctx]?.objects[effect.veventq] ?? null;
      if (queue?.type !== 'veventq' || queue.viommu !== vmaster.viommu)
        return `an event of a device of vIOMMU ${vmaster.viommu} reached queue ${effect.veventq} of another one`;
      if (queue.eventType !== VEVENTQ_TYPE.ARM_SMMUV3)
        return `an event of an SMMU reached queue ${effect.veventq}, which is for another type`;
      if (stream !== vmaster.vsid) {
        return `an event carries StreamID ${hex(stream)}, not the virtual ${hex(vmaster.vsid)}`;
      }
      if ((event.fields as { S2?: number }).S2 === 1)
        return `the guest was told of a stage-2 fault (${event.name})`;
    }
    return null;
  },
  witness: ({ effects }) => effects.some((effect) => effect.kind === 'vevent'),
};
