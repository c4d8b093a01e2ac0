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

/** What something took: by the clock, and of processors in all its threads. */
export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Runs a program and, behind what it prints, has the shell print the processor time of what it has run. */
const AND_TIMES = '"$0" "$@"; status=$?; times; exit $status';

/** What a program prints, and what it took. */
export async function timed(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<Cost & { readonly output: string }> {
  const started = performance.now();
  const { stdout } = await run('sh', ['-c', AND_TIMES, program, ...args], { cwd, maxBuffer: MAX_OUTPUT });
  const seconds = (performance.now() - started) / 1000;
  const [, minutes, rest] = /(\d+)m([\d.]+)s \d+m[\d.]+s\s*$/.exec(stdout) ?? [];
  return { output: stdout, seconds, cpuSeconds: Number(minutes) * 60 + Number(rest) };
}

/** What work in this process took. */
export async function timedHere<T>(work: () => Promise<T>): Promise<Cost & { readonly made: T }> {
  const started = performance.now();
  const before = process.cpuUsage();
  const made = await work();
  const seconds = (performance.now() - started) / 1000;
  return { made, seconds, cpuSeconds: process.cpuUsage(before).user / 1e6 };
}
