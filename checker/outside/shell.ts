/** A word as a POSIX shell wants it. */
export function shellWord(text: string): string {
  return /^[\w./,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
