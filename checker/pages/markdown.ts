import { markdownCode } from '../outside/markdown.ts';

/** A generated file: its path in the repository and what must be in it. */
export interface Page {
  readonly path: string;
  readonly content: string;
}

/** A table; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((each) => each.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** Text as code in a line. */
export const code = markdownCode;

/** `1 command`, `3 commands` */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What begins a sentence; a name such as vSMMU stays as it is. */
export function capital(text: string): string {
  if (/^[a-z][A-Z]/.test(text)) return text;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
