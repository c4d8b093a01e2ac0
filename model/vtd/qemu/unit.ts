import type { RootTable } from '../architecture/context.ts';
import type { VtdUnit } from '../architecture/unit.ts';

/** A translated page that the IOTLB holds. */
export interface QemuIotlbEntry {
  readonly sourceId: number;
  readonly level: number;
  /** Number of its first page of 4 KiB. */
  readonly page: bigint;
  readonly output: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly domainId: number;
  readonly firstStage: boolean;
}

/** QEMU's intel-iommu: the unit, its registers as far as DMA goes by them, and what its caches hold. */
export interface QemuVtd {
  readonly unit: VtdUnit;
  /** Every device behind it, by source id. */
  readonly sourceIds: readonly number[];
  readonly enabled: boolean;
  readonly root: RootTable;
  /** By device, source id, page size and address (`iotlbKey`). */
  readonly iotlb: Readonly<Record<string, QemuIotlbEntry>>;
  /** Context entries, by source id. */
  readonly contexts: Readonly<Record<number, readonly bigint[]>>;
  /** PASID table entries as the first invalidation that found one saw it, by source id. */
  readonly pasidEntries: Readonly<Record<number, readonly bigint[]>>;
  /** Devices whose requests bypass the unit, as a switch that is set now and then. */
  readonly bypassing: readonly number[];
  /** The invalidation queue has met a descriptor that it cannot take, and stays there. */
  readonly queueError: boolean;
}

export function qemuVtd(
  unit: VtdUnit,
  sourceIds: readonly number[],
  root: RootTable,
  enabled: boolean,
): QemuVtd {
  return {
    unit,
    sourceIds,
    enabled,
    root,
    iotlb: {},
    contexts: {},
    pasidEntries: {},
    bypassing: [],
    queueError: false,
  };
}

export function iotlbKey(sourceId: number, level: number, page: bigint): string {
  return `${sourceId}.${level}.${page}`;
}
