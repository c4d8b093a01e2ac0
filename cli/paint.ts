import { colours, type Paint, PLAIN } from '../checker/render/paint.ts';
import type { Terminal } from './terminal.ts';

/** Colours for a terminal whose user has not switched them off (NO_COLOR). */
export function paintFor({ stdout, env }: Terminal): Paint {
  return stdout.isTTY && (env.NO_COLOR ?? '') === '' ? colours() : PLAIN;
}
