/*
 * The one place through which text from outside goes before anybody sees it: names, sentences and excerpts of traces,
 * recordings and modules, paths, messages of errors. Everything printed ends in one of these functions: the terminal's
 * (cli/output.ts), and those for Markdown, XML and GitHub's workflow commands, which are built on them.
 */

/**
 * What a terminal, a browser or an editor acts upon instead of showing: C0 and C1 controls, line and paragraph
 * separators, format characters (bidirectional overrides, zero-width ones, tags), lone surrogates, private use and
 * noncharacters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/gu;

/** Characters of a message: what fits into three lines of a terminal. */
export const MESSAGE_LENGTH = 300;

/** Text without anything that is acted upon: such a character is shown by its number, `\u{1b}`. Line ends stay. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (char) => (char === '\n' ? char : numbered(char)));
}

/** Whether a text is shown as it is, in one line. */
export function isPrintableLine(text: string): boolean {
  // With the flag `g`, a test would go on where the last one ended.
  return text.search(UNPRINTABLE) < 0;
}

/** The same in one line of at most so many characters: line ends and what stands around them become a space. */
export function oneLine(text: string, most = MESSAGE_LENGTH): string {
  // No more is looked at than can be shown: what is behind may be very long.
  const start = text.length > 4 * most ? text.slice(0, 4 * most) : text;
  return clipped(printable(start.replaceAll(/\s*[\n\r]\s*/g, ' ').trim()), most);
}

/** At most so many characters, the last of them `…` where there were more. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = Math.max(0, most - 1);
  // A character of two code units is not cut in half.
  const splits = /[\uD800-\uDBFF]/.test(text.charAt(cut - 1));
  return `${text.slice(0, splits ? cut - 1 : cut)}…`;
}

/** A path in a message: where it is long, its end tells more than its beginning. */
export function pathText(path: string): string {
  const shown = printable(path).replaceAll('\n', numbered('\n'));
  return shown.length <= PATH_SHOWN ? shown : `…${shown.slice(1 - PATH_SHOWN)}`;
}

const PATH_SHOWN = 120;

/** A JSON text that shows no character that is acted upon: the same value, with escapes in their place. */
export function jsonText(value: unknown, indent = 0): string {
  return (
    JSON.stringify(value, null, indent)
      .replaceAll(UNPRINTABLE, (char) => (char === '\n' ? char : escapes(char)))
      // GitHub's runner looks for `##[` anywhere in a line.
      .replaceAll('##[', '#\\u0023[')
  );
}

function numbered(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

function escapes(char: string): string {
  const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** What was thrown, in one line; whatever it is, even what throws again when it is looked at. */
export function thrownText(thrown: unknown): string {
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : thrown;
    return oneLine(String(message)) || 'an error without a message';
  } catch {
    return 'something that cannot be shown';
  }
}
