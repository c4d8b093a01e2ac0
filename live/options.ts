import type { Platform } from '../model/platform/platform.ts';
import type { StateProperty, StepProperty } from '../properties/property.ts';
import type { Held } from './compare.ts';

export interface LiveOptions extends Held {
  readonly seed: number;
  /** Milliseconds. */
  readonly time: number;
  /** Runs at most; null: as many as there is time for. */
  readonly runs: number | null;
  /** Calls in a run. */
  readonly steps: number;
  /** Whether half of the sequences have calls of two threads at the same time; absent: none has. */
  readonly races?: boolean;
  /** Properties that are looked at in the worlds, or at the steps, that the target's answers lead to. */
  readonly promises: readonly (StateProperty | StepProperty)[];
}

type Promised = LiveOptions['promises'][number];

/** Those of one kind that say something of a platform; one that says nothing of it is looked at wherever VFIO has devices. */
export function promisesOf<K extends Promised['kind']>(
  { promises }: LiveOptions,
  platform: Platform,
  kind: K,
): readonly Extract<Promised, { kind: K }>[] {
  const hasDevices = platform.devices.length > 0;
  return promises.filter(
    (each): each is Extract<Promised, { kind: K }> =>
      each.kind === kind && (each.appliesTo?.(platform) ?? hasDevices),
  );
}
