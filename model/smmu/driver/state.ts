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
  /** By pSMMU: the stream table, by StreamID. */
  readonly streamTables: readonly Readonly<Record<number, Words>>[];
  /** By device: its one CD, for stage-1 domains. */
  readonly contexts: readonly Words[];
}
