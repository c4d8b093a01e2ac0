import type { Words } from '../../world/command.ts';

/** An entry of a VT-d unit's tables, by device. */
export type VtdTable = { readonly table: 'context' } | { readonly table: 'pasid'; readonly pasid: number };

declare module '../../world/result.ts' {
  interface Effects {
    /** The driver of a VT-d unit wrote 64 bits of a table; the entry then reads like this. */
    vtdWritten: { readonly device: number; readonly what: VtdTable; readonly words: Words };
    /** Descriptors went through a VT-d unit's invalidation queue, and the wait behind them completed. */
    vtdFlushed: { readonly iommu: number; readonly descriptors: readonly Words[] };
  }
}
