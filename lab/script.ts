import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type LabPlaces, labTree } from './places.ts';

/** Something that the lab needs is not there, and cannot be made. The message is one line that says what. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** Told what goes on, a line at a time. */
export type Say = (line: string) => void;

/** Runs one of the lab's scripts; its own lines are passed on, the last one is the error where it fails. */
export async function script(
  name: string,
  args: readonly string[],
  places: LabPlaces,
  say: Say,
): Promise<void> {
  const child = spawn('bash', [join(labTree(), 'scripts', name), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NESTCHECK_LAB: places.cache },
  });
  let last = '';
  let partial = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) {
      last = line.replace(/^lab: /, '');
      if (line.startsWith('lab: ')) say(last);
    }
  });
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => resolve(status ?? signal ?? 'a signal'));
  });
  if (code !== 0) throw new LabError(`${name}: ${last === '' ? `ended with ${code}` : last}`);
}
