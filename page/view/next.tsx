import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Call } from '../../model/call.ts';
import { callLine } from '../export/run-file.ts';
import { type ActorMenu, enabledAt, type Form, writtenAt } from '../session/enabled.ts';
import { placeOf, type Session, take } from '../session/session.ts';
import { inPieces, whenSeen } from './later.ts';
import { trying, update } from './store.ts';

function takeCall(call: Call): void {
  update((shown) => ({ ...shown, session: take(shown.session, call) }));
}

/** What can be done from here: by actor and command, each with the answer that it would get. */
export function NextPanel({ session }: { readonly session: Session }): JSX.Element {
  const menu = useSignal<readonly ActorMenu[] | null>(null);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (panel.current === null) return undefined;
    return whenSeen(panel.current, () =>
      inPieces(enabledAt(session.ground, placeOf(session)), (made) => (menu.value = made)),
    );
  }, []);
  return (
    <section class="panel next" ref={panel} aria-label="What can be done from here">
      <div class="bar">
        <h2>From here</h2>
        <span class="count">each with the answer that it would get; taking one leaves the path</span>
      </div>
      {menu.value === null ? (
        <p class="faint">Looking what can be done …</p>
      ) : (
        menu.value.map((actor) => <Actor key={actor.actor} menu={actor} />)
      )}
      <Written session={session} />
    </section>
  );
}

function Actor({ menu: { actor, commands } }: { readonly menu: ActorMenu }): JSX.Element {
  return (
    <div class="menu">
      <h3>{actor}</h3>
      <ul class="commands">
        {commands.map(({ command, forms }) => (
          <li key={command}>
            {forms.length === 1 && forms[0] !== undefined ? (
              <FormButton form={forms[0]} />
            ) : (
              <details>
                <summary>
                  <code>{command}</code> <span class="count">{forms.length}</span> <Answers forms={forms} />
                </summary>
                {forms.map((form) => (
                  <FormButton key={callLine(form.call)} form={form} />
                ))}
              </details>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Which answers there are among the forms of a command. */
function Answers({ forms }: { readonly forms: readonly Form[] }): JSX.Element {
  const outcomes = [...new Set(forms.map(({ answer }) => answer.split(' ', 1)[0] ?? ''))];
  return (
    <>
      {outcomes.slice(0, 4).map((outcome) => (
        <code key={outcome} class={outcome === 'ok' ? 'good' : 'bad'}>
          {outcome}{' '}
        </code>
      ))}
    </>
  );
}

function FormButton({ form: { call, text, ok, answer, changes } }: { readonly form: Form }): JSX.Element {
  return (
    <button type="button" class="form" onClick={() => takeCall(call)}>
      <code>
        {text}
        {call.as === undefined ? '' : ` as ${call.as}`}
      </code>{' '}
      <code class={ok ? 'good' : 'bad'}>→ {answer}</code>
      {changes || !ok ? null : <span class="faint"> changes nothing</span>}
    </button>
  );
}

/** Any call at all, as a line of a file of steps has it. */
function Written({ session }: { readonly session: Session }): JSX.Element {
  const line = useSignal('');
  return (
    <form
      class="written"
      onSubmit={(event) => {
        event.preventDefault();
        trying(() => takeCall(writtenAt(session.ground, placeOf(session), line.value).call));
      }}
    >
      <label>
        Or write any call
        <input
          value={line.value}
          spellcheck={false}
          placeholder="vmm:vm0 ioasAlloc fd=iommufd0 as ioas1"
          onInput={(event) => {
            line.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" disabled={line.value.trim() === ''}>
        Take it
      </button>
    </form>
  );
}
