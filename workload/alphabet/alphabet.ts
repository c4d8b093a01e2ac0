import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { HandleKind } from '../../spec/command/handle.ts';
import type { Scope } from '../scopes/scope.ts';

/** What gets a name of its own when it is made, and so a choice among the free ones. */
export type SlotKind = Extract<HandleKind, 'iommufd' | 'ioas' | 'hwpt' | 'viommu' | 'veventq' | 'fault'>;

/**
 * Every command that is tried in a world, in a fixed order. Must depend on the world alone, and on nothing in it that
 * renaming objects or swapping interchangeable hardware changes (but for the order, and the names in the commands).
 */
export type Alphabet = (world: World) => readonly Command[];

/** A scope made finite. */
export interface Exploration {
  readonly scope: Scope;
  /** What has happened before the search begins. */
  readonly prelude: readonly Command[];
  readonly alphabet: Alphabet;
  /**
   * Objects that there can be at the same time, by kind: a command that would make one more is not followed. Infinity:
   * nobody names them, so there are no names to choose among.
   */
  readonly most: Readonly<Record<SlotKind, number>>;
  /** Whether a world is still in the scope made finite: a command that leads out of it is not followed. */
  within(world: World): boolean;
  /** Whether the pSMMU records events. Where it does not, what they would be reported under makes no difference. */
  readonly events: boolean;
  /** Whether the alphabet tries with every device, pSMMU and process what it tries with one: equal hardware is then one. */
  readonly interchangeable: boolean;
}
