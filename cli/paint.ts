import { type Paint, PLAIN } from '../checker/render/paint.ts';
import { markedPaint } from './output.ts';
import type { Terminal } from './terminal.ts';

/** Colours for a terminal whose user has not switched them off (NO_COLOR). */
export function paintFor({ stdout, env }: Terminal): Paint {
  return stdout.isTTY && (env.NO_COLOR ?? '') === '' ? markedPaint() : PLAIN;
}
