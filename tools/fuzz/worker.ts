import { parentPort } from 'node:worker_threads';
import { run } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { type Input, withFile } from './inputs.ts';
import type { Answer } from './judge.ts';

/*
 * Answers one input after the other. A thread of its own, so that what never ends can be ended.
 */

/** Runs a command line as if its output went to a file. */
export async function answerTo(argv: readonly string[]): Promise<Answer> {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    stdout: {
      isTTY: false,
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
    env: {},
    onInterrupt: () => () => {},
  };
  const code = await run(argv, terminal);
  return { code, stdout, stderr };
}

parentPort?.on('message', async (input: Input) => {
  parentPort?.postMessage(await withFile(input, answerTo));
});
