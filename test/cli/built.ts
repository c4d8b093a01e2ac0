import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../tools/committed.ts';
import type { Ran } from './terminal.ts';

/** The command as `npm run build` leaves it: threads and signals are a process's own. */
export function startBuilt(argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'dist/bundle/cli.js'), ...argv], { cwd: ROOT });
}

/** Runs the built command to its end. */
export async function runBuilt(argv: readonly string[]): Promise<Ran> {
  const child = startBuilt(argv);
  const outputs = ['', ''];
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      outputs[index] += text;
    });
  }
  const code = await new Promise<number>((resolve) => {
    child.on('close', (status) => resolve(status ?? -1));
  });
  const [stdout = '', stderr = ''] = outputs;
  return { code, stdout, stderr };
}
