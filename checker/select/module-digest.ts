import { createHash } from 'node:crypto';

const DIGITS = 16;

/** The digest by which a trace knows the text of a module. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
