import { AgentError, shown } from '../agent-error.ts';

/** Longest line that is kept: what is longer nobody asked for. */
const MOST_CHARACTERS = 1 << 20;

/** Cuts what comes in into lines. @throws AgentError where a line does not end. */
export class Lines {
  #partial = '';

  take(text: string): readonly string[] {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    if (this.#partial.length > MOST_CHARACTERS)
      throw new AgentError(`QEMU says a line without an end, which begins with ${shown(this.#partial)}`);
    return lines;
  }
}

/** The value in an answer of qtest (`OK`, `OK 0x12`); null where the command was refused. @throws AgentError */
export function answerOf(line: string): string | null {
  const text = line.replace(/\r$/, '');
  const ok = /^OK(?: (-?\w+))?$/.exec(text);
  if (ok !== null) return ok[1] ?? '';
  if (/^(FAIL|ERR)( |$)/.test(text)) return null;
  throw new AgentError(`QEMU answers over qtest with ${shown(text)}`);
}
