import type { Words } from '../../world/command.ts';

/** What may become of a DMA: a place in memory, an event with the transaction aborted, or an abort in silence. */
export type DmaOutcome =
  | { readonly kind: 'reaches'; readonly address: bigint }
  | { readonly kind: 'faults'; readonly event: Words }
  | { readonly kind: 'aborts' };

/** What a device asks for. */
export interface DmaRequest {
  readonly stream: number;
  readonly address: bigint;
  readonly write: boolean;
  readonly ssid: number | null;
  /** The device translates by what its ATC holds (a translated request). */
  readonly translated: boolean;
}
