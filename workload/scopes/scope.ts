import type { Platform } from '../../model/platform/platform.ts';
import type { PlatformChanges } from './platform-changes.ts';

/** A small platform on which traces are generated or explored, and who is to be distrusted there. */
export interface Scope {
  /** kebab-case, unique. */
  readonly name: string;
  /** One sentence: what is on the platform and what it is for. */
  readonly summary: string;
  readonly platform: Platform;
  /** What somebody changed to get this platform from that of the scope of this name; absent: nothing. */
  readonly changes?: PlatformChanges;
  /** `vmm`: the VMM process is the adversary and the kernel must hold. `guest`: the guest is, and both must hold. */
  readonly adversary: 'vmm' | 'guest';
  /** Runs that it gets where others get one; 1 if not said. More where a witness needs a long preparation. */
  readonly share?: number;
}
