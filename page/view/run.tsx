import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { choiceLine } from '../session/choice.ts';
import { placeOf } from '../session/session.ts';
import type { Shown } from '../session/shown.ts';
import { ComparePanel } from './compare.tsx';
import { layAll } from './derived.ts';
import { DiffPanel } from './diff.tsx';
import { inPieces, whenRested } from './later.ts';
import { NextPanel } from './next.tsx';
import { NowPanel } from './now.tsx';
import { PropertiesPanel } from './properties.tsx';
import { SharePanel } from './share.tsx';
import { StepsPanel } from './steps.tsx';
import { WalkPanel } from './walk.tsx';
import { WorldPanel } from './world.tsx';

/** One run: its steps, the world, what changed, and what could be done. */
export function RunPage({ shown }: { readonly shown: Shown }): JSX.Element {
  const { session } = shown;
  useEffect(() => whenRested(() => inPieces(layAll(session), () => {})), [session.places, session.tip]);
  return (
    <div class="run">
      <About shown={shown} />
      <WalkPanel shown={shown} />
      <div class="columns">
        <div class="column">
          <StepsPanel session={session} />
          <DiffPanel session={session} />
        </div>
        <div class="column">
          <NowPanel session={session} />
          <WorldPanel session={session} />
        </div>
      </div>
      <PropertiesPanel session={session} />
      <NextPanel key={placeOf(session).id} session={session} />
      <ComparePanel shown={shown} />
    </div>
  );
}

function About({ shown }: { readonly shown: Shown }): JSX.Element {
  const { entry, session, file } = shown;
  const asked = session.asked;
  return (
    <section class="about" aria-label="What this run is about">
      <div class="words">
        {entry === null ? (
          <h1>{file ?? 'A run of your own'}</h1>
        ) : (
          <>
            <p class="kicker">
              {entry.kind}: <code>{entry.name.split('/', 1)[0]}</code>
            </p>
            <h1>{entry.summary}</h1>
          </>
        )}
        {asked === null ? null : (
          <p class="must">
            {asked.wish === true ? 'Wished for' : 'Must hold'}: {asked.sentence} <code>{asked.id}</code>
          </p>
        )}
        <p class="ground">
          <code>{choiceLine(session.ground.choice)}</code> <Outcome shown={shown} />
        </p>
      </div>
      <SharePanel shown={shown} />
    </section>
  );
}

/** Whether the trace still shows what it says, as `nestcheck replay` says it. */
function Outcome({ shown: { outcome, guarantee } }: { readonly shown: Shown }): JSX.Element | null {
  if (outcome === null) return null;
  if (outcome.kind === 'replays')
    return <span class="good">Replays exactly{guarantee === null ? '' : `, ${guarantee}`}.</span>;
  const where = outcome.step === null ? 'at its end' : `at step ${outcome.step}`;
  return (
    <span class="bad">
      Drifts {where}: the trace says {outcome.expected}; the model {outcome.actual}.
    </span>
  );
}
