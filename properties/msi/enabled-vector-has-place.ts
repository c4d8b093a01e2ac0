import { itsOf } from '../../model/platform/doorbell.ts';
import type { StepProperty, Transition } from '../property.ts';
import { hasTranslatedVectors } from './platforms.ts';

/** Devices that a step gave a message while their group was on an HWPT over a window for doorbells. */
function enabled({
  before,
  world,
}: Transition): readonly { device: number; vector: number; placed: boolean }[] {
  if (before.devices === world.devices) return [];
  return world.devices.flatMap(({ messages }, device) => {
    const { group = -1 } = world.platform.devices[device] ?? {};
    const domain = before.groups[group]?.domain;
    if (domain?.kind !== 'hwpt' || itsOf(world.platform, device).untranslated === true) return [];
    const known = before.contexts[domain.ctx]?.groups.find((each) => each.group === group);
    if (known === undefined || known.swMsiStart === null) return [];
    return messages.flatMap((message, vector) =>
      message === null || before.devices[device]?.messages[vector] === message
        ? []
        : [{ device, vector, placed: message.place !== null }],
    );
  });
}

/** A device whose thread in SET_IRQS came to its end: its page is in the list, and no vector of it is on. */
function pageWithoutVector({ before, world, command, result }: Transition): string | null {
  if (command.command !== 'endSetIrqs' || !result.ok) return null;
  for (const [ctx, context] of before.contexts.entries()) {
    const after = world.contexts[ctx];
    for (const { devId, map } of context?.msiThreads ?? []) {
      if (after == null || after.msiThreads.some((thread) => thread.devId === devId)) continue;
      const object = context?.objects[devId];
      if (object?.type !== 'device' || (world.devices[object.device]?.messages.length ?? 0) > 0) continue;
      const hardware = world.platform.devices[object.device];
      const required = after.groups.find(({ group }) => group === hardware?.group)?.requiredMsi ?? [];
      if (required.some((id) => after.msiMaps[id]?.doorbell === map.doorbell)) return hardware?.id ?? null;
    }
  }
  return null;
}

export const enabledVectorHasPlace: StepProperty = {
  id: 'enabled-vector-has-place',
  sentence:
    'While a device is attached, its domain has a place for the doorbell of every enabled vector, also on an automatic HWPT. SET_IRQS that has put a page there has enabled its vector.',
  source: 'iommufd: all allocators make an iommufd_hwpt (897008d0f767); rule R-48',
  kind: 'step',
  appliesTo: hasTranslatedVectors,
  brokenBy: 'automatic-hwpt-without-doorbells',
  violated(transition) {
    if (!transition.result.ok) return null;
    const idle = pageWithoutVector(transition);
    if (idle !== null) return `SET_IRQS of ${idle} is through, and its vector is not enabled`;
    const without = enabled(transition).find(({ placed }) => !placed);
    return without === undefined
      ? null
      : `vector ${without.vector} of device ${without.device} was enabled, and has no doorbell in its domain`;
  },
  witness: (transition) => transition.result.ok && enabled(transition).some(({ placed }) => placed),
};
