import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Words } from '../../world/command.ts';

/** Names a paging domain while it lives: its context, and its HWPT there. */
export interface DomainRef {
  readonly ctx: number;
  readonly hwpt: number;
}

/** What the driver has written where the pSMMUs read, and where it put it. */
export interface DriverState {
  /** Domains that streams are on. The index places a domain's tables and gives a stage-1 domain its ASID. */
  readonly placed: readonly (DomainRef | null)[];
  /** Parallel to `placed`: how many devices have ATS there, as the driver has counted; no count: none. */
  readonly atsMasters: readonly number[];
  /** By pSMMU: the stream table, by StreamID. */
  readonly streamTables: readonly Readonly<Record<number, Words>>[];
  /** By device: its one CD, for stage-1 domains. */
  readonly contexts: readonly Words[];
}

/**
 * Tables, by address, that the driver has filled with no barrier between that and the write of an entry: whoever sees the
 * entry need not see yet what is in them.
 */
export interface EarlyWrite {
  readonly tables: readonly bigint[];
}

/** One thing that the driver does to a pSMMU, in order: it writes an entry, or issues commands and waits for them. */
export type HardwareAction =
  | {
      readonly kind: 'writeSte';
      readonly smmu: number;
      readonly streamId: number;
      readonly words: Words;
      readonly early?: EarlyWrite;
    }
  | { readonly kind: 'writeCd'; readonly device: number; readonly words: Words; readonly early?: EarlyWrite }
  | { readonly kind: 'issue'; readonly smmu: number; readonly commands: readonly CommandWords[] };
