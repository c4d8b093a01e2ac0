import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Megabytes of output: SPIN lists every line that it never reached. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The first line that a program says of itself; null where there is no such program. */
export function versionOf(program: string, ...flags: readonly string[]): string | null {
  try {
    return (
      execFileSync(program, flags, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
        '\n',
      )[0] ?? null
    );
  } catch {
    return null;
  }
}

/** What a program prints, and how many seconds it took. */
export async function timed(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly output: string; readonly seconds: number }> {
  const started = performance.now();
  const { stdout } = await run(program, args, { cwd, maxBuffer: MAX_OUTPUT });
  return { output: stdout, seconds: (performance.now() - started) / 1000 };
}
