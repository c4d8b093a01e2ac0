import { clipped } from '../outside/text.ts';

/** The widest line that mail and terminals show unbroken. */
export const WIDTH = 100;

/** However deep something stands, at least this much of a line is left for it. */
const LEAST = 40;

/**
 * Breaks a line at spaces so that none is wider than `WIDTH`; what follows the first stands under `indent` columns, as
 * far as these leave room. A word that is wider than a line stays whole. Takes a time proportional to the text.
 */
export function wrap(text: string, indent: number): readonly string[] {
  const margin = ' '.repeat(Math.min(Math.max(0, Math.trunc(indent)), WIDTH - LEAST));
  const lines: string[] = [];
  let from = 0;
  let before = '';
  while (before.length + text.length - from > WIDTH) {
    const last = from + WIDTH - before.length;
    // Spaces at the start of what is left are no place to break: nothing would stand before it.
    let first = from;
    while (first < last && text[first] === ' ') first++;
    // The indent that a first line brings along is no place either.
    const least = lines.length === 0 ? Math.max(first, margin.length + 1) : first;
    const back = text.lastIndexOf(' ', last);
    const cut = back >= least && back > from ? back : text.indexOf(' ', Math.max(last, first));
    if (cut < 0) break;
    lines.push((before + text.slice(from, cut)).trimEnd());
    from = cut + 1;
    before = margin;
  }
  return [...lines, before + text.slice(from)];
}

/** Cuts a line that is wider than `WIDTH`. */
export function clip(text: string): string {
  return clipped(text, WIDTH);
}
