import { mix0, mix1 } from './mix.ts';
import { isNamed, type StateGraph } from './state-graph.ts';
import type { Renaming } from './symmetry.ts';

const MOST_NODES = 256;

/** Rounds of refinement: what is further away than this is told apart by trying all orders. */
const ROUNDS = 3;

/**
 * The fingerprint of a graph up to renaming: the least one over all orders of its objects and all renamings of its
 * platform. Exact: refinement by colours only narrows down which orders can give the least one (equal objects have
 * equal colours), and all that are left are tried.
 */
export class Canonical {
  lo = 0;
  hi = 0;
  /** Orders of named objects and renamings that give this fingerprint: those that leave the graph as it is. */
  automorphisms = 1;
  readonly #renamings: readonly Renaming[];
  readonly #colour = new Int32Array(MOST_NODES);
  readonly #next = new Int32Array(MOST_NODES);
  readonly #place = new Int32Array(MOST_NODES);
  readonly #order = new Int32Array(MOST_NODES);
  /** Ties: nodes of `order` from `start` to before `end`. */
  readonly #start: number[] = [];
  readonly #end: number[] = [];
  readonly #least: number[] = [];
  #found = false;

  constructor(renamings: readonly Renaming[]) {
    this.#renamings = renamings;
  }

  look(graph: StateGraph): void {
    this.#refine(graph);
    this.#sort(graph);
    const nameless = this.#namelessTwins(graph);
    const twins = this.#dropTwins(graph);
    this.#found = false;
    this.automorphisms = 0;
    for (const renaming of this.#candidates(graph)) {
      for (let at = 0; at < graph.fixed; at++) this.#place[at] = renaming[at] ?? at;
      this.#tryTies(graph, 0);
    }
    this.automorphisms = (this.automorphisms * twins) / nameless;
  }

  /** Colours that do not depend on names: from facts, then from those of the neighbours. */
  #refine(graph: StateGraph): void {
    const { nodes, edges, kind, lo, hi, slot, from, to, role } = graph;
    const colour = this.#colour;
    const next = this.#next;
    for (let at = 0; at < nodes; at++)
      colour[at] = mix0((lo[at] as number) ^ (slot[at] as number), (hi[at] as number) ^ (kind[at] as number));
    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < nodes; at++) next[at] = colour[at] as number;
      for (let at = 0; at < edges; at++) {
        const a = from[at] as number;
        const b = to[at] as number;
        const r = role[at] as number;
        next[a] = ((next[a] as number) + mix0(colour[b] as number, r)) | 0;
        next[b] = ((next[b] as number) + mix1(colour[a] as number, r)) | 0;
      }
      for (let at = 0; at < nodes; at++) colour[at] = next[at] as number;
    }
  }

  /** Puts objects in the order of their kinds and colours, and notes which are equal. */
  #sort({ nodes, fixed, kind }: StateGraph): void {
    const order = this.#order;
    const colour = this.#colour;
    const place = this.#place;
    for (let at = fixed; at < nodes; at++) {
      let to = at;
      for (; to > fixed; to--) {
        const before = order[to - 1] as number;
        const byKind = (kind[before] as number) - (kind[at] as number);
        if (byKind < 0 || (byKind === 0 && (colour[before] as number) <= (colour[at] as number))) break;
        order[to] = before;
      }
      order[to] = at;
    }
    this.#start.length = 0;
    this.#end.length = 0;
    for (let at = fixed; at < nodes; ) {
      const first = order[at] as number;
      let end = at + 1;
      while (
        end < nodes &&
        kind[order[end] as number] === kind[first] &&
        colour[order[end] as number] === colour[first]
      )
        end++;
      for (let each = at; each < end; each++) place[order[each] as number] = each;
      if (end > at + 1) {
        this.#start.push(at);
        this.#end.push(end);
      }
      at = end;
    }
  }

  /** For every node what exactly it refers to; for one that is referred to, something that no other has. */
  #sumReferences({ nodes, edges, from, to, role }: StateGraph): void {
    const out = this.#next;
    for (let at = 0; at < nodes; at++) out[at] = 0;
    for (let at = 0; at < edges; at++) {
      const a = from[at] as number;
      out[a] = ((out[a] as number) + mix1(to[at] as number, role[at] as number)) | 0;
    }
    for (let at = 0; at < edges; at++) out[to[at] as number] = mix0(to[at] as number, 0x7f4a_7c15);
  }

  /**
   * In how many ways objects that have no names (open files, vDEVICEs) can change places and nothing else moves. They
   * are the same state even where names are told apart, so they must not count as symmetry.
   */
  #namelessTwins(graph: StateGraph): number {
    if (this.#start.length === 0) return 1;
    this.#sumReferences(graph);
    let ways = 1;
    for (let tie = 0; tie < this.#start.length; tie++) {
      const start = this.#start[tie] as number;
      const end = this.#end[tie] as number;
      if (isNamed(graph.kind[this.#order[start] as number] as number)) continue;
      for (let at = start + 1; at < end; at++) {
        let same = 1;
        for (let before = start; before < at; before++) if (this.#isTwin(graph, before, at)) same++;
        ways *= same;
      }
    }
    return ways;
  }

  /**
   * Objects that nothing refers to and that refer to the very same others are interchangeable whatever the rest is:
   * such ties need not be tried. Gives how many orders that leaves out.
   */
  #dropTwins(graph: StateGraph): number {
    if (this.#start.length === 0) return 1;
    let orders = 1;
    let kept = 0;
    for (let tie = 0; tie < this.#start.length; tie++) {
      const start = this.#start[tie] as number;
      const end = this.#end[tie] as number;
      if (this.#areTwins(graph, start, end)) {
        for (let n = 2; n <= end - start; n++) orders *= n;
      } else {
        this.#start[kept] = start;
        this.#end[kept] = end;
        kept++;
      }
    }
    this.#start.length = kept;
    this.#end.length = kept;
    return orders;
  }

  #areTwins(graph: StateGraph, start: number, end: number): boolean {
    for (let at = start + 1; at < end; at++) if (!this.#isTwin(graph, start, at)) return false;
    return true;
  }

  #isTwin({ lo, hi }: StateGraph, a: number, b: number): boolean {
    const out = this.#next;
    const one = this.#order[a] as number;
    const other = this.#order[b] as number;
    return out[one] === out[other] && lo[one] === lo[other] && hi[one] === hi[other];
  }

  /** The renamings under which the colours of the platform's nodes come least; the others cannot be needed. */
  #candidates({ fixed }: StateGraph): readonly Renaming[] {
    const all = this.#renamings;
    if (all.length === 1) return all;
    const colour = this.#colour;
    const best: Renaming[] = [];
    const least = this.#least;
    for (const renaming of all) {
      let verdict = best.length === 0 ? -1 : 0;
      const row = this.#row;
      for (let at = 0; at < fixed; at++) row[renaming[at] ?? at] = colour[at] as number;
      for (let at = 0; at < fixed && verdict === 0; at++)
        verdict = (row[at] as number) - (least[at] as number);
      if (verdict > 0) continue;
      if (verdict < 0) {
        best.length = 0;
        for (let at = 0; at < fixed; at++) least[at] = row[at] as number;
      }
      best.push(renaming);
    }
    return best;
  }

  readonly #row: number[] = [];

  /** Tries every order of the ties from one on. */
  #tryTies(graph: StateGraph, tie: number): void {
    if (tie === this.#start.length) {
      this.#encode(graph);
      return;
    }
    this.#permute(graph, tie, this.#start[tie] as number);
  }

  #permute(graph: StateGraph, tie: number, at: number): void {
    const end = this.#end[tie] as number;
    if (at === end) {
      this.#tryTies(graph, tie + 1);
      return;
    }
    const order = this.#order;
    for (let other = at; other < end; other++) {
      this.#swap(at, other);
      this.#place[order[at] as number] = at;
      this.#permute(graph, tie, at + 1);
      this.#swap(at, other);
    }
  }

  #swap(a: number, b: number): void {
    const order = this.#order;
    const one = order[a] as number;
    order[a] = order[b] as number;
    order[b] = one;
  }

  #encode({ nodes, edges, kind, lo, hi, slot, from, to, role }: StateGraph): void {
    const place = this.#place;
    let sumLo = 0;
    let sumHi = 0;
    for (let at = 0; at < nodes; at++) {
      const what =
        ((place[at] as number) << 16) | ((kind[at] as number) << 8) | ((slot[at] as number) & 0xff);
      sumLo = (sumLo + mix0(mix0(what, lo[at] as number), hi[at] as number)) | 0;
      sumHi = (sumHi + mix1(mix1(what, hi[at] as number), lo[at] as number)) | 0;
    }
    for (let at = 0; at < edges; at++) {
      const where = ((place[from[at] as number] as number) << 8) | (place[to[at] as number] as number);
      sumLo = (sumLo + mix0(where, role[at] as number)) | 0;
      sumHi = (sumHi + mix1(where, role[at] as number)) | 0;
    }
    if (this.#found && sumLo === this.lo && sumHi === this.hi) {
      this.automorphisms++;
    } else if (!this.#found || sumHi < this.hi || (sumHi === this.hi && sumLo < this.lo)) {
      this.lo = sumLo;
      this.hi = sumHi;
      this.automorphisms = 1;
      this.#found = true;
    }
  }
}
