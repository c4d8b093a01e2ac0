import type { JSX } from 'preact';
import { traceAddress } from '../gallery/search.ts';
import { addressText } from '../link/address.ts';
import { gallery } from './store.ts';

/** A VMM: what its guests are not given, each with the trace that shows it. */
export function VmmPage({ design }: { readonly design: string }): JSX.Element {
  const vmm = gallery.vmms.find((each) => each.design === design);
  if (vmm === undefined) return <p>There is no VMM {design} here.</p>;
  return (
    <article class="page">
      <p class="kicker">
        the design <code>vmm={design}</code>
      </p>
      <h1>{vmm.title}</h1>
      <p>{vmm.version}</p>
      <ul class="findings">
        {vmm.findings.map(({ name, summary, severity, confidence, property, report, source, trace }) => (
          <li key={name}>
            <h2>{name}</h2>
            <p class="answer">{summary}</p>
            <p>
              <span class={`severity ${severity}`}>{severity}</span> {confidence}; breaks{' '}
              <code>{property}</code>
              {trace === null ? null : (
                <>
                  {': '}
                  <a href={addressText(traceAddress(trace))}>walk through it</a>
                </>
              )}
            </p>
            <p>{report}</p>
            <p class="faint">{source}</p>
          </li>
        ))}
      </ul>
      <p class="faint">
        S1: isolation, stale translations, or the host; S2: what a guest sees is wrong; S3: a corner.
      </p>
    </article>
  );
}
