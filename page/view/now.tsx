import type { JSX } from 'preact';
import type { ToldEffect } from '../../checker/render/effects.ts';
import { placeOf, type Session } from '../session/session.ts';
import { here } from './derived.ts';

/** The step that is looked at: the call, its answer, what it made others do, and what is violated by it. */
export function NowPanel({ session }: { readonly session: Session }): JSX.Element {
  const step = here(session).told.steps.at(-1);
  return (
    <section class="panel now" aria-label="The current step" aria-live="polite">
      {step === undefined ? (
        <p class="call">
          <span class="actor">start</span> {session.ground.scope.summary}
        </p>
      ) : (
        <>
          <p class="call">
            <span class="actor">{step.call.actor}</span> <code>{step.text}</code>{' '}
            <code class={step.ok ? 'good' : 'bad'}>→ {step.answer}</code>
          </p>
          {step.effects.length === 0 ? null : (
            <ul class="effects">
              {step.effects.map((effect, at) => (
                <Effect key={at} effect={effect} />
              ))}
            </ul>
          )}
        </>
      )}
      {placeOf(session).violated.map(({ property, violation }) => (
        <p key={property.id} class="violation">
          <b>
            {property.wish === true ? 'costs' : 'violates'} {property.id}
          </b>
          : {violation}
        </p>
      ))}
    </section>
  );
}

function Effect({ effect }: { readonly effect: ToldEffect }): JSX.Element {
  if (effect.kind === 'remark') return <li>{effect.text}</li>;
  const { from, to, text, answer } = effect;
  return (
    <li>
      {from} ⇒ {to}: <code>{text}</code>
      {answer === null ? null : <code class={answer.ok ? 'good' : 'bad'}> → {answer.text}</code>}
    </li>
  );
}
