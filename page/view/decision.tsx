import type { JSX } from 'preact';
import { traceAddress } from '../gallery/search.ts';
import { addressText } from '../link/address.ts';
import { gallery } from './store.ts';

/** A question of the threads: its answer, who said what, and the traces that show it. */
export function DecisionPage({ id }: { readonly id: string }): JSX.Element {
  const decision = gallery.decisions.find((each) => each.id === id);
  if (decision === undefined) return <p>There is no decision {id} here.</p>;
  const { topic, question, answer, alternatives, quotes, built, evidence } = decision;
  return (
    <article class="page">
      <p class="kicker">{topic}</p>
      <h1>
        {id}: {question}
      </h1>
      {answer === '' ? null : <p class="answer">{answer}</p>}
      <h2>Alternatives</h2>
      <ul class="alternatives">
        {alternatives.map(({ letter, text, design, verdict }) => (
          <li key={letter}>
            <b>{letter}</b> {text}{' '}
            {design === null ? null : <code>{design === '' ? 'intended' : design}</code>}
            {verdict === null ? null : <p class="faint">{verdict}</p>}
          </li>
        ))}
      </ul>
      <h2>What the model says</h2>
      {evidence.length === 0 ? <p>Nothing that could be run decides it: it is advice, or taste.</p> : null}
      <ul class="evidence">
        {evidence.map(({ design, property, verdict, trace }) => (
          <li key={`${design} ${property}`}>
            <code>{design === '' ? 'intended' : design}</code> <code>{property}</code>{' '}
            {trace === null ? (
              <span class={`verdict ${verdict}`}>{verdict}</span>
            ) : (
              <a class="verdict violated" href={addressText(traceAddress(trace))}>
                violated: walk through it
              </a>
            )}
          </li>
        ))}
      </ul>
      <h2>In the thread</h2>
      {quotes.map(({ author, date, subject, says }) => (
        <figure key={`${author} ${date} ${says}`}>
          {says === null ? null : <blockquote>{says}</blockquote>}
          <figcaption>
            {author}, {date}, in “{subject}”{says === null ? ': implied by what is said there' : ''}
          </figcaption>
        </figure>
      ))}
      <h2>What was built</h2>
      <p>{built}</p>
    </article>
  );
}
