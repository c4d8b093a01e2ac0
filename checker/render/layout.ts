/** The widest line that mail and terminals show unbroken. */
export const WIDTH = 100;

/**
 * Breaks a line at spaces so that none is wider than `WIDTH`; what follows the first stands under `indent` columns.
 * A word that is wider than a line stays whole.
 */
export function wrap(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(' ', WIDTH);
    const cut = at > indent ? at : rest.indexOf(' ', WIDTH);
    if (cut < 0) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = ' '.repeat(indent) + rest.slice(cut + 1);
  }
  return [...lines, rest];
}

/** Cuts a line that is wider than `WIDTH`. */
export function clip(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}
