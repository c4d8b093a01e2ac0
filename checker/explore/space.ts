import { bootWorld } from '../../model/boot.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Rules } from '../../model/rules.ts';
import type { Step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { Exploration, SlotKind } from '../../workload/alphabet/alphabet.ts';
import { attempt } from '../attempt.ts';
import { UsageError } from '../select/usage-error.ts';
import { Canonical } from './canonical.ts';
import { GraphBuilder, type Slots } from './graph-builder.ts';
import { NODE, type NodeClass, StateGraph } from './state-graph.ts';
import { renamingsOf } from './symmetry.ts';

/** A state of the search. */
export interface State {
  readonly world: World;
  /** The slots of its objects where they are told apart; null where symmetry is used. */
  readonly slots: Slots | null;
}

/** Bits of a move that say which free slot a new object got. */
const SLOT_BITS = 3;

/** The most objects of a kind that can have slots. */
export const MOST_SLOTS = 1 << SLOT_BITS;

/** How a state is gone on from: a command of its alphabet, and the slot for what it makes. */
export function moveOf(command: number, slot: number): number {
  return (command << SLOT_BITS) | slot;
}

/** Something with a slot that a command made. */
interface Making {
  readonly kind: SlotKind;
  readonly ctx: number;
  /** 0: the context itself. */
  readonly id: number;
}

const NODE_OF: Readonly<Record<SlotKind, NodeClass>> = {
  iommufd: NODE.CONTEXT,
  ioas: NODE.IOAS,
  hwpt: NODE.HWPT,
  viommu: NODE.VIOMMU,
  veventq: NODE.VEVENTQ,
  fault: NODE.FAULT,
};

const KINDS: readonly SlotKind[] = ['iommufd', 'ioas', 'hwpt', 'viommu', 'veventq', 'fault'];

/** Receives what follows from a state. `weight`: how many moves of the unreduced system this one stands for. */
export type Follow = (next: State, move: number, weight: number, command: Command, done: Step) => void;

/**
 * What is explored: states, their moves, and when two states are the same one. With symmetry, states that renaming
 * objects, descriptors and interchangeable hardware turns into each other are one state, and a new object gets one of
 * the free slots, which stands for all; without, slots and hardware are told apart, and every free slot is a move.
 */
export class Space {
  readonly exploration: Exploration;
  readonly symmetry: boolean;
  /** The fingerprint of the state that was looked at last. */
  lo = 0;
  hi = 0;
  readonly #rules: Rules;
  readonly #graph = new StateGraph();
  readonly #builder: GraphBuilder;
  readonly #canonical: Canonical;
  readonly #renamings: number;
  /** Objects of each kind in the world that was counted last. */
  readonly #counts: Record<SlotKind, number> = {
    iommufd: 0,
    ioas: 0,
    hwpt: 0,
    viommu: 0,
    veventq: 0,
    fault: 0,
  };

  constructor(exploration: Exploration, rules: Rules, symmetry: boolean) {
    this.exploration = exploration;
    this.symmetry = symmetry;
    this.#rules = rules;
    this.#builder = new GraphBuilder(this.#graph, exploration.events);
    const all = renamingsOf(exploration.scope.platform);
    const renamings = exploration.interchangeable ? all : all.slice(0, 1);
    this.#canonical = new Canonical(symmetry ? renamings : renamings.slice(0, 1));
    this.#renamings = renamings.length;
    for (const kind of KINDS)
      if (exploration.most[kind] > MOST_SLOTS && Number.isFinite(exploration.most[kind]))
        throw new Error(`more than ${MOST_SLOTS} slots for ${kind}`);
  }

  /** The state after the prelude, every object of which has the lowest slot that was free. */
  start(): State {
    let state: State = {
      world: bootWorld(this.exploration.scope.platform),
      slots: this.symmetry ? null : [],
    };
    for (const command of this.exploration.prelude) {
      const done = attempt(state.world, command, this.#rules);
      if (!done.result.ok)
        throw new UsageError(
          `${this.exploration.scope.name}: its exploration begins with ${command.command}, which is refused: ${done.result.errno}`,
        );
      state = this.#named(state, done.world, madeBy(state.world, command, done), 0);
    }
    return state;
  }

  /** Looks at a state: gives its fingerprint in `lo` and `hi`. */
  look({ world, slots }: State): void {
    this.#builder.draw(world, slots);
    const canonical = this.#canonical;
    canonical.look(this.#graph);
    this.lo = canonical.lo;
    this.hi = canonical.hi;
  }

  /** How many states of the unreduced system the one that was looked at last stands for. */
  get orbit(): number {
    if (!this.symmetry) return 1;
    let orbit = this.#renamings;
    for (const kind of KINDS) {
      const most = this.exploration.most[kind];
      if (!Number.isFinite(most)) continue;
      for (let used = this.#graph.count(NODE_OF[kind]); used > 0; used--) orbit *= most - used + 1;
    }
    return orbit / this.#canonical.automorphisms;
  }

  /** Makes every move. */
  follow(state: State, next: Follow): void {
    const { world } = state;
    const commands = this.exploration.alphabet(world);
    let isCounted = false;
    for (let at = 0; at < commands.length; at++) {
      const command = commands[at] as Command;
      const done = attempt(world, command, this.#rules);
      if (done.world !== world && !this.exploration.within(done.world)) continue;
      const making = done.world === world ? null : madeBy(world, command, done);
      if (making === null) {
        next(
          done.world === world ? state : { world: done.world, slots: state.slots },
          moveOf(at, 0),
          1,
          command,
          done,
        );
        continue;
      }
      if (!isCounted) this.#count(world);
      isCounted = true;
      const free = this.exploration.most[making.kind] - this.#counts[making.kind];
      // A kind that is full: the command leads out of the scope.
      if (free <= 0) continue;
      // Where names are not told apart there is one move, whatever the number of those that are free.
      const weight = Number.isFinite(free) ? free : 1;
      if (this.symmetry) next({ world: done.world, slots: null }, moveOf(at, 0), weight, command, done);
      else
        for (let slot = 0; slot < free; slot++)
          next(this.#named(state, done.world, making, slot), moveOf(at, slot), 1, command, done);
    }
  }

  /** Makes one move again. */
  repeat(state: State, move: number): { readonly next: State; readonly command: Command } {
    const command = this.exploration.alphabet(state.world)[move >>> SLOT_BITS];
    if (command === undefined) throw new Error(`there is no move ${move} in this state`);
    const done = attempt(state.world, command, this.#rules);
    const making = madeBy(state.world, command, done);
    return { next: this.#named(state, done.world, making, move & (MOST_SLOTS - 1)), command };
  }

  /** The world with the nth free slot given to what was made. */
  #named({ world: before, slots }: State, world: World, making: Making | null, nth: number): State {
    if (slots === null || making === null) return { world, slots };
    const { kind, ctx, id } = making;
    const taken = new Set<number>();
    for (let at = 0; at < before.contexts.length; at++) {
      const context = before.contexts[at];
      if (context === null || context === undefined) continue;
      if (kind === 'iommufd') taken.add(slots[at]?.[0] ?? -1);
      else
        for (let each = 1; each < context.objects.length; each++)
          if (kindOf(context.objects[each]?.type) === kind) taken.add(slots[at]?.[each] ?? -1);
    }
    let slot = 0;
    for (let left = nth; taken.has(slot) || left > 0; slot++) if (!taken.has(slot)) left--;
    const rows = slots.slice();
    while (rows.length <= ctx) rows.push([]);
    const row = (rows[ctx] as readonly number[]).slice();
    while (row.length <= id) row.push(-1);
    row[id] = slot;
    rows[ctx] = row;
    return { world, slots: rows };
  }

  #count({ contexts }: World): void {
    const counts = this.#counts;
    for (const kind of KINDS) counts[kind] = 0;
    for (const context of contexts) {
      if (context === null) continue;
      counts.iommufd++;
      for (const slot of context.objects) {
        const kind = kindOf(slot?.type);
        if (kind !== null) counts[kind]++;
      }
    }
  }
}

function kindOf(type: string | undefined): SlotKind | null {
  switch (type) {
    case 'hwptPaging':
    case 'hwptNested':
      return 'hwpt';
    case 'ioas':
    case 'viommu':
    case 'veventq':
    case 'fault':
      return type;
    default:
      return null;
  }
}

/** What a command made that has a slot; null where it made nothing of that sort. */
function madeBy(before: World, command: Command, { world, result }: Step): Making | null {
  if (!result.ok || world === before) return null;
  const binds = COMMANDS[command.command].binds[0];
  if (binds === undefined) return null;
  const kind = KINDS.find((each) => each === binds.of);
  if (kind === undefined) return null;
  if (kind === 'iommufd') {
    const ctx = world.contexts.findIndex(
      (context, at) => context !== null && (before.contexts[at] ?? null) === null,
    );
    return { kind, ctx, id: 0 };
  }
  const id = result.out[binds.out];
  const of = fileOf({ world }, command.actor, (command.args as { fd: number }).fd)?.of;
  const ctx = of?.kind === 'iommufd' ? of.ctx : of?.kind === 'cdev' ? (of.bound?.ctx ?? -1) : -1;
  if (typeof id !== 'number') return null;
  // An attachment makes an HWPT only where it says the id of one that was not there.
  return kindOf(before.contexts[ctx]?.objects[id]?.type) === kind ? null : { kind, ctx, id };
}
