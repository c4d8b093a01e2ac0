import { mix0, mix1, type Print } from './mix.ts';

/** What a node of a graph stands for. Those up to `PROCESS` are there from the start and never go. */
export const NODE = {
  DEVICE: 0,
  SMMU: 1,
  GROUP: 2,
  PROCESS: 3,
  CONTEXT: 4,
  FILE: 5,
  IOAS: 6,
  HWPT: 7,
  VIOMMU: 8,
  VDEVICE: 9,
  VEVENTQ: 10,
  FAULT: 11,
  CALL: 12,
  VM: 13,
  VSMMU: 14,
  PLUGGED: 15,
} as const;

export type NodeClass = (typeof NODE)[keyof typeof NODE];

/** Whether things of a kind have names that are told apart where symmetry is not used. */
export function isNamed(kind: number): boolean {
  return kind !== NODE.FILE && kind !== NODE.VDEVICE && kind < NODE.CALL;
}

const MOST_NODES = 256;
const MOST_EDGES = 1024;

/**
 * A world as a graph: who refers to whom, and what is true of each, with every number that only identifies something
 * (object ids, descriptors, indices of files and contexts) turned into an edge. One graph is drawn over and over
 * again, so that looking at a world makes no garbage.
 */
export class StateGraph {
  nodes = 0;
  edges = 0;
  /** Nodes up to here are the platform's: `fixed` of them, in the platform's order. */
  fixed = 0;
  readonly kind = new Int32Array(MOST_NODES);
  /** What is true of a node, in two lanes. */
  readonly lo = new Int32Array(MOST_NODES);
  readonly hi = new Int32Array(MOST_NODES);
  /** The slot that its name has (`hwpt1`: 1); -1 where it has none, or where names are not told apart. */
  readonly slot = new Int32Array(MOST_NODES);
  readonly from = new Int32Array(MOST_EDGES);
  readonly to = new Int32Array(MOST_EDGES);
  readonly role = new Int32Array(MOST_EDGES);

  clear(): void {
    this.nodes = 0;
    this.edges = 0;
    this.fixed = 0;
  }

  node(kind: NodeClass): number {
    const at = this.nodes++;
    if (at >= MOST_NODES) throw new Error(`a world with more than ${MOST_NODES} objects cannot be explored`);
    this.kind[at] = kind;
    this.lo[at] = 0;
    this.hi[at] = 0;
    this.slot[at] = -1;
    return at;
  }

  /** How many nodes of a kind there are. */
  count(kind: NodeClass): number {
    let count = 0;
    for (let at = this.fixed; at < this.nodes; at++) if (this.kind[at] === kind) count++;
    return count;
  }

  /** Adds a fact to a node. Facts are ordered: the same ones must be told in the same order. */
  tell(node: number, fact: number): void {
    this.lo[node] = mix0(this.lo[node] as number, fact);
    this.hi[node] = mix1(this.hi[node] as number, fact);
  }

  tellPrint(node: number, { lo, hi }: Print): void {
    this.lo[node] = mix0(this.lo[node] as number, lo);
    this.hi[node] = mix1(this.hi[node] as number, hi);
  }

  /** An edge; edges of one node are a set, not a list. */
  edge(from: number, role: number, to: number): void {
    const at = this.edges++;
    if (at >= MOST_EDGES)
      throw new Error(`a world with more than ${MOST_EDGES} references cannot be explored`);
    this.from[at] = from;
    this.role[at] = role;
    this.to[at] = to;
  }
}
