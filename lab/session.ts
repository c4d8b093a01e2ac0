import { AgentError, shown } from './agent-error.ts';

/** How a session with a VMM ended: `died` where it does not start, or ends before it is told to. */
export type SessionEnd = 'ok' | 'timeout' | 'died';

/** What came of a session with a VMM. */
export interface SessionAnswer {
  /** The recorder's lines, and before the answer to which operation each was written; as many as there are: after the last. */
  readonly recorded: readonly { readonly operation: number; readonly line: string }[];
  /** What qtest or QMP answered to each operation, as far as it came. */
  readonly answers: readonly string[];
  /** The last that the VMM said, where it did not end well. */
  readonly said: readonly string[];
  readonly end: SessionEnd;
  /** Open files of the whole machine after it. */
  readonly files: number;
}

/** The lines of an answer to a session. @throws AgentError that shows the first that is none. */
export function parseSession(lines: readonly string[], id: number): SessionAnswer {
  const wrong = (line: string) => new AgentError(`the driver answers a session with ${shown(line)}`);
  if (lines[0] !== `answer ${id}`) throw wrong(lines[0] ?? '');
  const recorded: SessionAnswer['recorded'][number][] = [];
  const answers: string[] = [];
  const said: string[] = [];
  for (const line of lines.slice(1, -1)) {
    const text = line.slice(2);
    if (line.startsWith('r ')) recorded.push({ operation: answers.length, line: text });
    else if (line.startsWith('v ')) said.push(text);
    else if (line.startsWith(`a ${answers.length} `)) answers.push(line.slice(`a ${answers.length} `.length));
    else throw wrong(line);
  }
  const last = lines.at(-1) ?? '';
  const end = /^end (\d+) (ok|timeout|died) files=(-?\d+)$/.exec(last);
  if (end === null || Number(end[1]) !== id) throw wrong(last);
  return { recorded, answers, said, end: end[2] as SessionEnd, files: Number(end[3]) };
}
