import type { JSX } from 'preact';
import type { Laid, LaidBox, LaidReference, Point } from '../world/layout.ts';

/** The world as boxes and references; what the step changed is marked. */
export function WorldDrawing({ laid }: { readonly laid: Laid }): JSX.Element {
  const { width, height, boxes, arrows } = laid;
  return (
    <svg
      class="world"
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={summaryOf(laid)}
    >
      {arrows.map((arrow, at) => (
        <ReferenceDrawing key={at} arrow={arrow} />
      ))}
      {boxes.map((box) => (
        <BoxDrawing key={box.id} box={box} />
      ))}
    </svg>
  );
}

/** What a reader who does not see it is told. */
function summaryOf({ boxes }: Laid): string {
  const named = (mark: LaidBox['mark']): string =>
    boxes
      .filter((box) => box.mark === mark)
      .map(({ title, lines }) => [title, ...lines].join(' '))
      .join('; ');
  const parts = [
    ['new', named('new')],
    ['changed', named('changed')],
    ['gone', named('gone')],
  ].filter(([, text]) => text !== '');
  const all = `The world: ${boxes.map(({ title }) => title).join(', ')}.`;
  return [all, ...parts.map(([mark, text]) => `${mark}: ${text}.`)].join(' ');
}

function BoxDrawing({
  box: { kind, title, lines, mark, x, y, width, height },
}: {
  readonly box: LaidBox;
}): JSX.Element {
  return (
    <g class={`box ${kind} ${mark}`}>
      <rect x={x} y={y} width={width} height={height} rx={6} />
      <text class="title" x={x + 9} y={y + 16}>
        {title}
      </text>
      {lines.map((line, at) => (
        <text key={at} x={x + 9} y={y + 31 + 14 * at}>
          {line}
        </text>
      ))}
    </g>
  );
}

const HEAD = 7;

function ReferenceDrawing({
  arrow: { points, label, at, mark },
}: {
  readonly arrow: LaidReference;
}): JSX.Element {
  const last = points.at(-1);
  const before = points.at(-2);
  return (
    <g class={`reference ${mark}`}>
      <path class="shaft" d={curveOf(points)} />
      {last === undefined || before === undefined ? null : <path class="head" d={headOf(before, last)} />}
      {label === '' ? null : (
        <text x={at.x} y={at.y + 4} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  );
}

/** Through the middles between points, so that it bends at none. */
function curveOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${place(first)}`;
  for (const [at, point] of rest.entries()) {
    const next = rest[at + 1];
    path +=
      next === undefined
        ? ` L${place(point)}`
        : ` Q${place(point)} ${place({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  }
  return path;
}

function place({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

function headOf(before: Point, tip: Point): string {
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const [bx, by] = [tip.x - dx * HEAD, tip.y - dy * HEAD];
  const half = HEAD / 2;
  return `M${place(tip)} L${place({ x: bx - dy * half, y: by + dx * half })} L${place({ x: bx + dy * half, y: by - dx * half })} z`;
}
