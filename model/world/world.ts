import type { Platform } from '../platform/platform.ts';
import type { Actor } from './command.ts';
import type { File, Process } from './process.ts';

/**
 * Everything that can change, and the platform it stands on. Plain immutable data: records, arrays, numbers,
 * bigints, strings, null. Equal worlds have equal canonical encodings. Each machine declares its own part here, beside
 * its state: `declare module '../world/world.ts' { interface World { … } }`.
 */
export interface World {
  readonly platform: Platform;
  /** By actor (`vmm:<vm>`). */
  readonly processes: Readonly<Record<Actor, Process>>;
  /** Open file descriptions; a free slot is null. Descriptors and mappings hold indices. */
  readonly files: readonly (File | null)[];
}
