import type { Words } from '../../world/command.ts';
import type { World } from '../../world/world.ts';
import type { VtdTable } from './effects.ts';
import { featuresAt } from './probe.ts';
import type { VtdRules } from './rules.ts';
import type { DeviceTables, VtdTables } from './tables.ts';

/** One thing that the driver does to a unit, in order. */
export type VtdAction =
  | { readonly kind: 'write'; readonly device: number; readonly what: VtdTable; readonly words: Words }
  | { readonly kind: 'writeBack'; readonly device: number; readonly what: VtdTable }
  /** Descriptors, and a wait behind them. */
  | { readonly kind: 'flush'; readonly iommu: number; readonly descriptors: readonly Words[] };

/** The driver in progress. */
export interface Drive {
  readonly world: World;
  tables: VtdTables;
  readonly actions: VtdAction[];
  readonly rules: VtdRules;
}

export function flush(drive: Drive, iommu: number, descriptors: readonly Words[]): void {
  if (descriptors.length > 0) drive.actions.push({ kind: 'flush', iommu, descriptors });
}

/** Stores, and behind them what a unit that does not snoop needs to see them. */
export function write(drive: Drive, device: number, what: VtdTable, values: readonly Words[]): void {
  store(drive, device, what, values);
  if (values.length > 0) writeBack(drive, device, what);
}

export function store(drive: Drive, device: number, what: VtdTable, values: readonly Words[]): void {
  for (const words of values) drive.actions.push({ kind: 'write', device, what, words });
}

export function writeBack(drive: Drive, device: number, what: VtdTable): void {
  if (featuresAt(drive.world.platform, device).coherentTables) return;
  drive.actions.push({ kind: 'writeBack', device, what });
}

export function deviceTables(drive: Drive, device: number): DeviceTables {
  return drive.tables.devices[device] as DeviceTables;
}

export function putDeviceTables(drive: Drive, device: number, tables: DeviceTables): void {
  const devices = drive.tables.devices.map((old, index) => (index === device ? tables : old));
  drive.tables = { ...drive.tables, devices };
}
