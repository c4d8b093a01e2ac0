import { renderToString } from 'preact-render-to-string';
import { sequenceOf } from '../diagram/sequence.ts';
import { SequenceDrawing } from '../drawing/sequence.tsx';
import { WorldDrawing } from '../drawing/world.tsx';
import { pathOf, placeOf, type Session, wayTo } from '../session/session.ts';
import { toldWay } from '../session/told.ts';
import { laidOut } from '../world/layout.ts';
import { marked } from '../world/picture.ts';
import { sketchOf } from '../world/sketch.ts';

/**
 * What is shown as one SVG file that stands alone: the steps up to where the session is, under them the world. `style`:
 * the rules by which the page draws them.
 */
export function svgOf(session: Session, style: string): string {
  const way = wayTo(session, session.at);
  const { steps, names } = toldWay(way);
  const sequence = sequenceOf(steps, new Set());
  const before = way.at(-2)?.world ?? null;
  const now = sketchOf(placeOf(session).world, names);
  const laid = laidOut(marked(before === null ? null : sketchOf(before, names), now));
  const violated = new Set(
    pathOf(session).flatMap((place) => (place.violated.length > 0 ? [place.depth] : [])),
  );
  const width = Math.max(sequence.width, laid.width);
  const height = sequence.height + laid.height + 10;
  const drawn = [
    renderToString(<SequenceDrawing sequence={sequence} current={steps.length} violated={violated} />),
    `<g transform="translate(0 ${sequence.height + 10})">${renderToString(<WorldDrawing laid={laid} />)}</g>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><style>${style}</style><rect class="paper" width="100%" height="100%"/>${drawn.join('')}</svg>\n`;
}
