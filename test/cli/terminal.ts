import { run } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';

/** What a command line printed, and its exit status. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly env?: Terminal['env'];
  readonly isTTY?: boolean;
  /** Throws something unexpected when the command prepares for interrupts. */
  readonly failing?: boolean;
  /** Interrupts the command after this many milliseconds. */
  readonly interruptAfter?: number;
}

/** Runs a command line in this process. */
export async function nestcheck(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    stdout: {
      isTTY: surroundings.isTTY ?? false,
      write: (text) => {
        stdout += text;
      },
    },
    stderr: {
      isTTY: false,
      write: (text) => {
        stderr += text;
      },
    },
    env: surroundings.env ?? {},
    onInterrupt: (stop) => {
      if (surroundings.failing === true) throw new Error('no\nterminal today');
      const timer = setTimeout(stop, surroundings.interruptAfter ?? 2 ** 30);
      return () => clearTimeout(timer);
    },
  };
  const code = await run(argv, terminal);
  return { code, stdout, stderr };
}
