import { hasSharedGroup } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

type Moved = Extract<Transition['effects'][number], { readonly kind: 'moved' }>;

/** The moves of each call: of the command, or of those that a VMM makes in it. */
function movesByCall({ effects }: Transition): readonly (readonly Moved[])[] {
  const calls: Moved[][] = [[]];
  for (const effect of effects) {
    if (effect.kind === 'vmmCall') calls.push([]);
    else if (effect.kind === 'moved') calls.at(-1)?.push(effect);
  }
  return calls;
}

export const driverMovesAreConsistent: StepProperty = {
  id: 'driver-moves-are-consistent',
  sentence:
    'When a group is moved, and moved back after a refusal, the driver is told for each device the domain that it is on. Each ends where it was, and a PASID is taken only from a device that has it.',
  source: 'iommu: Do not revert set_domain for the last gdev (2025-10-23)',
  kind: 'step',
  appliesTo: hasSharedGroup,
  brokenBy: 'refused-device-moved-back',
  violated(transition) {
    const unset = pasidNeverSet(transition);
    if (unset !== null) return unset;
    for (const [index, moves] of movesByCall(transition).entries()) {
      // Where a device is before a later call of a VMM, its first move says.
      const start = (device: number): number | null =>
        index === 0
          ? startOf(transition, device)
          : (moves.find((move) => move.device === device)?.from ?? null);
      const violation = inOneCall(moves, start);
      if (violation !== null) return violation;
    }
    return null;
  },
  witness: (transition) => movesByCall(transition).some((moves) => moves.length > 0),
};

function inOneCall(moves: readonly Moved[], start: (device: number) => number | null): string | null {
  const on = new Map<number, number | null>();
  for (const { device, from, to } of moves) {
    const now = on.has(device) ? on.get(device) : start(device);
    if (now !== from) return `device ${device} is told to leave ${nameOf(from)}, but it is on ${nameOf(now)}`;
    on.set(device, to);
  }
  // Moves are told of a refusal alone, after which all is as before.
  for (const [device, left] of on)
    if (left !== start(device)) return `device ${device} is left on ${nameOf(left)}`;
  return null;
}

/** A PASID may be taken from a device that was given it, or that had it before the call. */
function pasidNeverSet({ before, effects }: Transition): string | null {
  const set = new Set<string>();
  for (const effect of effects) {
    if (effect.kind === 'pasidSet') set.add(`${effect.device}:${effect.pasid}`);
    if (effect.kind !== 'pasidRemoved') continue;
    const { device, pasid } = effect;
    const had = before.devices[device]?.pasidTable.some((each) => each.pasid === pasid) === true;
    if (!had && !set.has(`${device}:${pasid}`))
      return `PASID ${pasid} is taken from device ${device}, which never had it`;
  }
  return null;
}

/** The HWPT that a device is on before a call; null: the kernel's own domain. */
function startOf({ before }: Transition, device: number): number | null {
  const domain = before.groups[before.platform.devices[device]?.group ?? -1]?.domain;
  return domain?.kind === 'hwpt' ? domain.hwpt : null;
}

function nameOf(hwpt: number | null | undefined): string {
  return hwpt === null || hwpt === undefined ? "the kernel's own domain" : `HWPT ${hwpt}`;
}
