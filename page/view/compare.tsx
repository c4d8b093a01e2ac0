import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { type ComparedStep, type Comparison, compare } from '../compare/compare.ts';
import { choiceLine, type Ground, groundOf } from '../session/choice.ts';
import { callsOf, goToDepth, pathOf } from '../session/session.ts';
import { ownRun, type Shown } from '../session/shown.ts';
import { show, trying, update } from './store.ts';

/** The same steps under another design: both answers side by side, and the first that differs. */
export function ComparePanel({ shown }: { readonly shown: Shown }): JSX.Element {
  const { session, beside } = shown;
  return (
    <section class="panel compare" aria-label="Compare with another design">
      <div class="bar">
        <h2>Beside another design</h2>
        <label>
          <span class="said">Another design</span>
          <select
            value={beside ?? ''}
            onChange={(event) => {
              const { value } = event.currentTarget;
              update((before) => ({ ...before, beside: value === '' ? null : value }));
            }}
          >
            <option value="">choose one …</option>
            <option value="intended">intended: the default on every axis, no defect</option>
            {DESIGN_AXES.map(({ name, summary, values }) => (
              <optgroup key={name} label={`${name}: ${summary}`}>
                {values.map((value) => (
                  <option key={value.name} value={`${name}=${value.name}`}>
                    {name}={value.name}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
      </div>
      {beside === null ? null : <Beside key={beside} shown={shown} beside={beside} session={session} />}
    </section>
  );
}

/** The ground of a run with another answer on one axis; or the intended one. */
function groundBeside(ground: Ground, beside: string): Ground {
  const { choice } = ground;
  if (beside === 'intended') return groundOf({ scope: choice.scope, designs: [], defects: [] });
  const [axis] = beside.split('=', 1);
  const designs = choice.designs
    .flatMap((each) => each.split(','))
    .filter((each) => !each.startsWith(`${axis}=`));
  return groundOf({ ...choice, designs: [...designs, beside] });
}

function Beside({
  shown,
  beside,
  session,
}: {
  readonly shown: Shown;
  readonly beside: string;
  readonly session: Shown['session'];
}): JSX.Element {
  const path = pathOf(session);
  const made = useMemo((): { readonly comparison: Comparison; readonly other: Ground } | string => {
    try {
      const other = groundBeside(session.ground, beside);
      return { other, comparison: compare(session.ground, other, callsOf(path)) };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }, [session.ground, session.tip, session.places]);
  if (typeof made === 'string') return <p class="bad">{made}</p>;
  const { comparison, other } = made;
  const { rows, first } = comparison;
  const row = first === null ? undefined : rows[first - 1];
  return (
    <>
      <p class="first" role="status">
        {row === undefined
          ? `All ${rows.length} steps are answered alike.`
          : `The first answer that differs is that of step ${first}: ${row.left.answer} here, ${row.right.answer} there.`}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">here: {choiceLine(session.ground.choice)}</th>
            <th scope="col">there: {choiceLine(other.choice)}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each, at) => (
            <Row key={at} row={each} number={at + 1} isFirst={at + 1 === first} />
          ))}
        </tbody>
      </table>
      <button
        type="button"
        onClick={() =>
          trying(() =>
            show(
              ownRun(
                goToDepth(
                  comparison.right,
                  path.findIndex(({ id }) => id === shown.session.at),
                ),
              ),
            ),
          )
        }
      >
        Go on under {choiceLine(other.choice)}
      </button>
    </>
  );
}

function Row({
  row: { actor, text, left, right, differs },
  number,
  isFirst,
}: {
  readonly row: ComparedStep;
  readonly number: number;
  readonly isFirst: boolean;
}): JSX.Element {
  return (
    <tr class={`${differs ? 'differs' : ''}${isFirst ? ' first' : ''}`}>
      <th scope="row">
        {number} <span class="actor">{actor}</span> <code>{text}</code>
      </th>
      {[left, right].map(({ ok, answer, violated }, side) => (
        <td key={side}>
          <code class={ok ? 'good' : 'bad'}>{answer}</code>
          {violated.map((id) => (
            <span key={id} class="violation">
              violates {id}
            </span>
          ))}
        </td>
      ))}
    </tr>
  );
}
