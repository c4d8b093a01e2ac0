import { printable } from './text.ts';

/**
 * What would be markup, but for underscores, with which half of all names of the kernel begin and which can do no more than
 * slant a word. Words in backticks are code, which the project's own sentences have too.
 */
const MARKUP = /`[\w .=-]+`|&(?=#?\w+;)|<(?=[\w/!?])|[\\`*[\]|]|~(?=~)/g;

/** Text in a paragraph or a table of Markdown: it is shown, and makes no markup, link, element or line of its own. */
export function markdownText(text: string): string {
  return printable(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(MARKUP, (found) => {
      if (found.length > 1) return found;
      return found === '<' ? '&lt;' : found === '&' ? '&amp;' : `\\${found}`;
    })
    .replace(/^(?=[-+#>=]|\d+[.)])/, '\\');
}

/** Text as code in a line: between more backticks than it has in a row. */
export function markdownCode(text: string): string {
  const line = printable(text).replaceAll('\n', ' ');
  const fence = '`'.repeat(longestRun(line, '`') + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A block of code, with a fence that nothing in it ends. */
export function markdownFence(language: string, text: string): string {
  const shown = printable(text);
  const fence = '`'.repeat(Math.max(3, longestRun(shown, '`') + 1));
  return `${fence}${language}\n${shown}\n${fence}`;
}

function longestRun(text: string, char: string): number {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === char ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
