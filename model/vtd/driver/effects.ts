import type { Words } from '../../world/command.ts';

/** What there is of a unit's tables, by device. A leaf is the page of 64 PASIDs' entries to which a directory entry leads. */
export type VtdTable =
  | { readonly table: 'context' }
  | { readonly table: 'pasid'; readonly pasid: number }
  | { readonly table: 'directory'; readonly index: number }
  | { readonly table: 'leaf'; readonly index: number };

declare module '../../world/result.ts' {
  interface Effects {
    /** The driver of a VT-d unit wrote 64 bits of a table; the entry then reads like this. A leaf is all zero: its words are one entry's. */
    vtdWritten: { readonly device: number; readonly what: VtdTable; readonly words: Words };
    /** It wrote that back from the CPU's caches (clflush): a unit that does not snoop them sees it from here on. */
    vtdWrittenBack: { readonly device: number; readonly what: VtdTable };
    /** Descriptors went through a VT-d unit's invalidation queue, and the wait behind them completed. */
    vtdFlushed: { readonly iommu: number; readonly descriptors: readonly Words[] };
  }
}
