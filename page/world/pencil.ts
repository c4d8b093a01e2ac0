import type { BoxKind, Sketch } from './picture.ts';

/** Draws boxes and arrows; an arrow that leads to no box is left out, as one to an object that is gone. */
export class Pencil {
  readonly #boxes = new Map<string, { kind: BoxKind; title: string; lines: string[] }>();
  readonly #arrows: { from: string; to: string; label: string }[] = [];

  box(id: string, kind: BoxKind, title: string, ...lines: readonly (string | null)[]): void {
    this.#boxes.set(id, { kind, title, lines: lines.filter((line) => line !== null) });
  }

  /** Adds a line to a box that is there. */
  line(id: string, line: string): void {
    this.#boxes.get(id)?.lines.push(line);
  }

  arrow(from: string, to: string, label = ''): void {
    this.#arrows.push({ from, to, label });
  }

  /** `idle`: devices that are not drawn. */
  sketch(idle: readonly string[]): Sketch {
    const arrows = new Map<string, Sketch['arrows'][number]>();
    for (const arrow of this.#arrows)
      if (this.#boxes.has(arrow.from) && this.#boxes.has(arrow.to))
        arrows.set(`${arrow.from} ${arrow.to} ${arrow.label}`, arrow);
    return {
      boxes: [...this.#boxes].map(([id, { kind, title, lines }]) => ({ id, kind, title, lines })),
      arrows: [...arrows.values()],
      idle,
    };
  }
}

/** A number as StreamIDs and addresses are written. */
export function hexOf(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
