import type { JSX } from 'preact';
import type { Arrow, Sequence, SequenceStep } from '../diagram/sequence.ts';

/** What a reader can do with a sequence diagram, and what of it is marked. */
export interface SequenceProps {
  readonly sequence: Sequence;
  /** Number of the step that is looked at; 0: the start. */
  readonly current: number;
  /** Numbers of steps at which a property is first violated. */
  readonly violated: ReadonlySet<number>;
  readonly onStep?: (step: number) => void;
  readonly onFold?: (step: number) => void;
}

/** A run as a sequence diagram. */
export function SequenceDrawing(props: SequenceProps): JSX.Element {
  const { sequence } = props;
  const { width, height, lifelines, steps } = sequence;
  return (
    <svg
      class="sequence"
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="Steps as a sequence diagram"
    >
      {steps.map((step) => (
        <Band key={step.number} step={step} {...props} />
      ))}
      {lifelines.map(({ id, lines, x }) => (
        <g key={id} class="lifeline">
          <line x1={x} y1={36} x2={x} y2={height - 4} />
          <rect x={x - 44} y={4} width={88} height={32} rx={5} />
          {lines.map((line, at) => (
            <text key={line} x={x} y={lines.length === 1 ? 24 : 17 + 13 * at} text-anchor="middle">
              {line}
            </text>
          ))}
        </g>
      ))}
      {steps.map((step) => (
        <StepDrawing key={step.number} step={step} isFuture={step.number > props.current} />
      ))}
    </svg>
  );
}

function Band({
  step: { number, y, height, folded },
  sequence: { width },
  current,
  violated,
  onStep,
  onFold,
}: SequenceProps & { readonly step: SequenceStep }): JSX.Element {
  const marks = [
    'band',
    number === current ? 'current' : '',
    number > current ? 'future' : '',
    violated.has(number) ? 'violated' : '',
  ];
  return (
    <g class={marks.filter((mark) => mark !== '').join(' ')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the list of steps has buttons that do the same */}
      <rect x={1} y={y} width={width - 2} height={height} rx={4} onClick={() => onStep?.(number)} />
      <text class="number" x={8} y={y + 18}>
        {number}
      </text>
      {folded === 0 ? null : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the list of steps has a button that does the same
        <text class="fold" x={8} y={y + 31} onClick={() => onFold?.(number)}>
          <title>{folded} more inside of this step</title>+{folded}
        </text>
      )}
    </g>
  );
}

function StepDrawing({
  step: { arrows },
  isFuture,
}: {
  readonly step: SequenceStep;
  readonly isFuture: boolean;
}): JSX.Element {
  return (
    <g class={isFuture ? 'arrows future' : 'arrows'}>
      {arrows.map((arrow, at) => (
        <ArrowDrawing key={at} arrow={arrow} />
      ))}
    </g>
  );
}

const LINE = 13;
const LOOP = 34;

function ArrowDrawing({
  arrow: { kind, from, to, y, lines, whole, ok },
}: {
  readonly arrow: Arrow;
}): JSX.Element {
  const style = `arrow ${kind}${ok ? '' : ' refused'}`;
  const middle = from === to ? from + (kind === 'remark' ? 0 : LOOP / 2) : (from + to) / 2;
  const above = y - 5 - LINE * (lines.length - 1);
  return (
    <g class={style}>
      <title>{whole}</title>
      {kind === 'remark' ? null : <Shaft from={from} to={to} y={y} />}
      {lines.map((line, at) => (
        <text key={at} x={middle} y={above + LINE * at} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

const HEAD = 7;

function Shaft({
  from,
  to,
  y,
}: {
  readonly from: number;
  readonly to: number;
  readonly y: number;
}): JSX.Element {
  if (from === to)
    return (
      <>
        <path class="shaft" d={`M${from},${y - 2} h${LOOP} v8 h${-LOOP + 4}`} />
        <path class="head" d={`M${from + 1},${y + 6} l${HEAD},-3.5 v7 z`} />
      </>
    );
  const back = to > from ? -HEAD : HEAD;
  return (
    <>
      <line class="shaft" x1={from} y1={y} x2={to + back} y2={y} />
      <path class="head" d={`M${to},${y} l${back},-3.5 v7 z`} />
    </>
  );
}
