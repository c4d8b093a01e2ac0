import type { LineOf } from '../../conformance/linux/lines.ts';
import type { SessionAnswer } from '../../lab/session.ts';
import type { Cold } from './machine.ts';

/** What a VMM says of the host that it is on. */
export interface VmmHost {
  /** The host as a recording describes it. */
  readonly meta: LineOf<'meta'>;
  readonly setups: readonly LineOf<'setup'>[];
  readonly summary: string;
}

/** What `live` needs of a VMM: to have it started and told what its guest and its operator do. docs/another-vmm.md */
export interface VmmDriver {
  readonly name: string;
  /** Starts the host, and says what it is. */
  boot(): Promise<VmmHost>;
  /**
   * One life of the VMM with these devices plugged, and what came of the operations; null: none is started, and only what is
   * open on the host is wanted.
   */
  session(cold: readonly Cold[], operations: readonly string[] | null): Promise<SessionAnswer>;
  /** What the host's kernel has said. */
  console(): Promise<string>;
  stop(): Promise<void>;
}
