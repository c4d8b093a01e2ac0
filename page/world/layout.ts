import { Graph, layout } from '@dagrejs/dagre';
import type { Box, Picture, Reference } from './picture.ts';

/** A picture with places, in pixels. */
export interface Laid {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly LaidBox[];
  readonly idle: readonly string[];
  readonly arrows: readonly LaidReference[];
}

export interface LaidBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LaidReference extends Reference {
  readonly points: readonly Point[];
  /** The middle of its label. */
  readonly label: string;
  readonly at: Point;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pixels of a character of the picture's fixed-width letters. */
const CHARACTER = 6.7;
const TITLE_CHARACTER = 7.4;
const LABEL_CHARACTER = 6.1;
const LINE = 14;

/** Puts boxes into layers by their references, as few of these crossing as dagre finds. */
export function laidOut({ boxes, arrows, idle }: Picture): Laid {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'BT', nodesep: 22, ranksep: 34, edgesep: 12, marginx: 10, marginy: 10 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.id, sizeOf(box));
  for (const [index, { from, to, label }] of arrows.entries())
    graph.setEdge(
      from,
      to,
      { width: label.length * LABEL_CHARACTER + 6, height: 12, labelpos: 'c' },
      String(index),
    );
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    idle,
    boxes: boxes.map((box) => {
      const { x, y, width: w, height: h } = graph.node(box.id);
      return { ...box, x: x - w / 2, y: y - h / 2, width: w, height: h };
    }),
    arrows: arrows.map((arrow, index) => {
      const { points, x, y } = graph.edge(arrow.from, arrow.to, String(index));
      return { ...arrow, points, at: { x: x ?? points[0]?.x ?? 0, y: y ?? points[0]?.y ?? 0 } };
    }),
  };
}

function sizeOf({ title, lines }: Box): { readonly width: number; readonly height: number } {
  const widest = Math.max(title.length * TITLE_CHARACTER, ...lines.map((line) => line.length * CHARACTER));
  return { width: Math.ceil(widest) + 18, height: 24 + lines.length * LINE };
}
