import type { JSX } from 'preact';
import { callText } from '../../checker/render/values.ts';
import {
  childrenOf,
  goTo,
  goToDepth,
  leaveBranch,
  pathOf,
  placeOf,
  redo,
  type Session,
  undo,
} from '../session/session.ts';
import type { Shown } from '../session/shown.ts';
import { update } from './store.ts';

type Move = (session: Session) => Session;

function walk(move: Move): void {
  update((shown) => ({ ...shown, session: move(shown.session) }));
}

/** Where in the run, the buttons that step, and the other ways on that were tried. */
export function WalkPanel({ shown: { session, given } }: { readonly shown: Shown }): JSX.Element {
  const place = placeOf(session);
  const last = pathOf(session).length - 1;
  const isOwn = place.id >= given;
  return (
    <nav class="walk" aria-label="Steps">
      <Button label="To the start" text="|◀" isOff={place.depth === 0} move={(each) => goToDepth(each, 0)} />
      <Button label="One step back" text="◀" isOff={place.depth === 0} move={undo} />
      <output aria-live="polite" class="where">
        {place.depth === 0
          ? `Start of ${last} ${last === 1 ? 'step' : 'steps'}`
          : `Step ${place.depth} of ${last}`}
      </output>
      <Button label="One step on" text="▶" isOff={place.depth === last} move={redo} />
      <Button
        label="To the end"
        text="▶|"
        isOff={place.depth === last}
        move={(each) => goToDepth(each, last)}
      />
      {isOwn ? (
        <button type="button" class="wide" onClick={() => walk(leaveBranch)}>
          Undo
        </button>
      ) : null}
      <Branches session={session} />
      <span class="hint">Arrow keys step; Home and End go to the ends.</span>
    </nav>
  );
}

function Button({
  label,
  text,
  isOff,
  move,
}: {
  readonly label: string;
  readonly text: string;
  readonly isOff: boolean;
  readonly move: Move;
}): JSX.Element {
  return (
    <button type="button" aria-label={label} title={label} disabled={isOff} onClick={() => walk(move)}>
      {text}
    </button>
  );
}

/** Where several ways were gone from here, each. */
function Branches({ session }: { readonly session: Session }): JSX.Element | null {
  const children = childrenOf(session, session.at);
  if (children.length < 2) return null;
  const path = new Set(pathOf(session).map(({ id }) => id));
  return (
    <span class="branches">
      <span>Ways on from here:</span>
      {children.map(({ id, step }) => (
        <button
          key={id}
          type="button"
          aria-pressed={path.has(id)}
          title={step === null ? '' : callText(step.call)}
          onClick={() => walk((each) => goTo(each, id))}
        >
          {step?.call.command}
        </button>
      ))}
    </span>
  );
}
