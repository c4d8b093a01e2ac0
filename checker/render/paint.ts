import pc from 'picocolors';

/** What a part of a text is, for those who see colours. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const same = (text: string): string => text;

/** No colours: for mail, files and pipes. */
export const PLAIN: Paint = { good: same, bad: same, warn: same, dim: same, bold: same };

/** Colours for a terminal. */
export function colours(): Paint {
  const { green, red, yellow, dim, bold } = pc.createColors(true);
  return { good: green, bad: red, warn: yellow, dim, bold };
}
