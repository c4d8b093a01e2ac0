import { hasSharedGroup } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

type Moved = Extract<Transition['effects'][number], { readonly kind: 'moved' }>;

function movesOf({ effects }: Transition): readonly Moved[] {
  return effects.filter((effect): effect is Moved => effect.kind === 'moved');
}

export const driverMovesAreConsistent: StepProperty = {
  id: 'driver-moves-are-consistent',
  sentence:
    'When a group is moved, and moved back after a refusal, the driver is told for each device the domain that it is on. Each ends where it was.',
  source: 'iommu: Do not revert set_domain for the last gdev (2025-10-23)',
  kind: 'step',
  appliesTo: hasSharedGroup,
  brokenBy: 'refused-device-moved-back',
  violated(transition) {
    const on = new Map<number, number | null>();
    for (const { device, from, to } of movesOf(transition)) {
      const now = on.has(device) ? on.get(device) : startOf(transition, device);
      if (now !== from)
        return `device ${device} is told to leave ${nameOf(from)}, but it is on ${nameOf(now)}`;
      on.set(device, to);
    }
    // Moves are told of a refusal alone, after which all is as before.
    for (const [device, left] of on)
      if (left !== startOf(transition, device)) return `device ${device} is left on ${nameOf(left)}`;
    return null;
  },
  witness: (transition) => movesOf(transition).length > 0,
};

/** The HWPT that a device is on before a call; null: the kernel's own domain. */
function startOf({ before }: Transition, device: number): number | null {
  const domain = before.groups[before.platform.devices[device]?.group ?? -1]?.domain;
  return domain?.kind === 'hwpt' ? domain.hwpt : null;
}

function nameOf(hwpt: number | null | undefined): string {
  return hwpt === null || hwpt === undefined ? "the kernel's own domain" : `HWPT ${hwpt}`;
}
