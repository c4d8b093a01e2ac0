import type { Ora } from 'ora';
import type { Terminal } from './terminal.ts';

/** A line on stderr for long work; null where nobody watches. Its library is loaded only where somebody does. */
export async function spinnerOn({ stderr }: Terminal, text: string): Promise<Ora | null> {
  if (!stderr.isTTY) return null;
  const { default: ora } = await import('ora');
  return ora({ text, stream: process.stderr, discardStdin: false }).start();
}
