import { randomBytes } from 'node:crypto';
import { printable } from '../checker/outside/text.ts';
import { colours, type Paint } from '../checker/render/paint.ts';
import type { Output, Terminal } from './terminal.ts';

/*
 * The last thing that happens to what is printed. Whatever a text says, a terminal shows it and does nothing: the only
 * exceptions, colours and GitHub's workflow commands, are marked with a secret of this process, which no text from
 * outside can know.
 */

const SECRET = randomBytes(9).toString('base64url');

/** A mark stands between two noncharacters; in between are the secret and a word. */
const MARK = new RegExp(`\u{fdd0}${SECRET}:([a-z]+)\u{fdd1}`, 'gu');

function mark(word: string): string {
  return `\u{fdd0}${SECRET}:${word}\u{fdd1}`;
}

type Tone = keyof Paint;

const TONES: readonly Tone[] = ['good', 'bad', 'warn', 'dim', 'bold'];

/** By word of a mark, what stands for it on a terminal. */
const MARKED: Readonly<Record<string, string>> = {
  command: '::',
  ...Object.fromEntries(
    TONES.flatMap((tone) => {
      const [begin = '', end = ''] = colours()[tone]('x').split('x');
      return [
        [tone, begin],
        [`no${tone}`, end],
      ];
    }),
  ),
};

/** Colours that `shown` lets through. */
export function markedPaint(): Paint {
  const toned = (tone: Tone) => (text: string) => `${mark(tone)}${text}${mark(`no${tone}`)}`;
  return {
    good: toned('good'),
    bad: toned('bad'),
    warn: toned('warn'),
    dim: toned('dim'),
    bold: toned('bold'),
  };
}

/** Lines that are workflow commands of GitHub, so that `shown` leaves them what they are. */
export function markedCommands(lines: string): string {
  return lines.replaceAll(/^::/gm, mark('command'));
}

/** What is printed of a text. */
export function shown(text: string): string {
  return withoutCommands(text)
    .split(MARK)
    .map((part, at) => (at % 2 === 0 ? printable(part) : (MARKED[part] ?? '')))
    .join('');
}

/** A runner of GitHub obeys lines that begin with `::`, and `##[` anywhere in a line. */
function withoutCommands(text: string): string {
  return text.replaceAll(/^([^\S\n]*):(?=:)/gm, '$1\\u{3a}').replaceAll('##[', '#\\u{23}[');
}

/** A terminal that shows what it is given, and nothing else. */
export function showing(terminal: Terminal): Terminal {
  return { ...terminal, stdout: showingOn(terminal.stdout), stderr: showingOn(terminal.stderr) };
}

function showingOn(output: Output): Output {
  return { isTTY: output.isTTY, write: (text) => output.write(shown(text)) };
}
