import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { SequenceDrawing } from '../drawing/sequence.tsx';
import { goToDepth, placeOf, type Session } from '../session/session.ts';
import { sequenceShown, toldPath, violatedSteps } from './derived.ts';
import { update } from './store.ts';

const NONE: ReadonlySet<number> = new Set();

function goToStep(step: number): void {
  update((shown) => ({ ...shown, session: goToDepth(shown.session, step) }));
}

/** The steps: as a diagram of who said what to whom, or as a list. */
export function StepsPanel({ session }: { readonly session: Session }): JSX.Element {
  const isList = useSignal(matchMedia('(max-width: 700px)').matches);
  const open = useSignal(NONE);
  const told = toldPath(session);
  const every = new Set(told.flatMap(({ effects }, at) => (effects.length > 0 ? [at + 1] : [])));
  const isOpen = every.size > 0 && [...every].every((step) => open.value.has(step));
  return (
    <section class="panel steps" aria-label="Steps">
      <div class="bar">
        <h2>Steps</h2>
        <span class="switch">
          <button type="button" aria-pressed={!isList.value} onClick={() => (isList.value = false)}>
            Diagram
          </button>
          <button type="button" aria-pressed={isList.value} onClick={() => (isList.value = true)}>
            List
          </button>
        </span>
        {every.size === 0 || isList.value ? null : (
          <button type="button" onClick={() => (open.value = isOpen ? NONE : every)}>
            {isOpen ? 'Fold' : 'Unfold'}
          </button>
        )}
      </div>
      {told.length === 0 ? <p class="faint">Nothing has been done yet. Take a command below.</p> : null}
      {told.length === 0 ? null : isList.value ? (
        <StepList session={session} />
      ) : (
        <Diagram
          session={session}
          open={open.value}
          onFold={(step) => {
            open.value = new Set(open.value).add(step);
          }}
        />
      )}
    </section>
  );
}

function Diagram({
  session,
  open,
  onFold,
}: {
  readonly session: Session;
  readonly open: ReadonlySet<number>;
  readonly onFold: (step: number) => void;
}): JSX.Element {
  const frame = useRef<HTMLElement>(null);
  const { depth } = placeOf(session);
  const sequence = sequenceShown(session, open);
  const at = sequence.steps[depth - 1];
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const [top, bottom] = at === undefined ? [0, 0] : [at.y, at.y + at.height];
    if (top - 50 < element.scrollTop) element.scrollTop = top - 50;
    else if (bottom + 20 > element.scrollTop + element.clientHeight)
      element.scrollTop = bottom + 20 - element.clientHeight;
  }, [at]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
    <section class="scroll" ref={frame} tabIndex={0} aria-label="Sequence diagram">
      <SequenceDrawing
        sequence={sequence}
        current={depth}
        violated={violatedSteps(session)}
        onStep={goToStep}
        onFold={onFold}
      />
    </section>
  );
}

function StepList({ session }: { readonly session: Session }): JSX.Element {
  const { depth } = placeOf(session);
  const violated = violatedSteps(session);
  return (
    <ol class="list">
      {toldPath(session).map(({ call, text, answer, ok }, at) => {
        const marks = [at + 1 > depth ? 'future' : '', violated.has(at + 1) ? 'violated' : ''];
        return (
          <li key={at} class={marks.join(' ').trim()}>
            <button
              type="button"
              aria-current={at + 1 === depth ? 'step' : undefined}
              onClick={() => goToStep(at + 1)}
            >
              <span class="actor">{call.actor}</span> <code>{text}</code>{' '}
              <code class={ok ? 'good' : 'bad'}>→ {answer}</code>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
