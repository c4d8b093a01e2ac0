import type { Area } from '../../iommufd/iopt/table.ts';
import type { Words } from '../../world/command.ts';
import type { ReadMemory64 } from '../architecture/access.ts';
import type { Implementation } from '../architecture/implementation.ts';
import type { SmmuArchitectureRules } from '../architecture/rules.ts';
import type { Budget } from './choices.ts';
import type { History } from './history.ts';

/** A pSMMU at a moment: what it reads now, and what it may have kept. */
export interface Setting {
  /** Index of the pSMMU. */
  readonly smmu: number;
  readonly implementation: Implementation;
  readonly history: History;
  readonly read: ReadMemory64;
  /** STEs by StreamID; null: the table has none now, which is another fault than an invalid one. */
  readonly streamTable: Readonly<Record<number, Words | null>>;
  readonly rules: SmmuArchitectureRules;
  /** The physical page behind an input address of an area. */
  /** Without one, every way is tried. */
  readonly budget?: Budget;
  readonly pageOf: (area: Area, input: bigint) => bigint | null;
}
