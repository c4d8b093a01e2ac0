/** Nothing of a trace's text may end a comment. */
export function comment(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll(/[^\x20-\x7e]/g, '?');
}
