import type { JSX } from 'preact';
import type { Leaf } from '../delta/leaves.ts';
import { placeOf, type Session } from '../session/session.ts';
import { leavesShown } from './derived.ts';

/** What the step changed, leaf by leaf. */
export function DiffPanel({ session }: { readonly session: Session }): JSX.Element | null {
  const { depth } = placeOf(session);
  const leaves = leavesShown(session);
  return (
    <section class="panel diff" aria-label="What the step changed">
      <div class="bar">
        <h2>Changed</h2>
        <span class="count">{leaves.length}</span>
      </div>
      {leaves.length === 0 ? (
        <p class="faint">{depth === 0 ? 'Nothing has been done yet.' : 'Nothing: the world is as it was.'}</p>
      ) : (
        <table>
          <tbody>
            {leaves.map((leaf, at) => (
              <LeafRow key={at} leaf={leaf} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const SIGNS = { new: '+', gone: '−', changed: '' } as const;

function LeafRow({
  leaf: { where, kind, before, after, fields, structure },
}: {
  readonly leaf: Leaf;
}): JSX.Element {
  return (
    <tr class={kind}>
      <th scope="row">
        {SIGNS[kind]} {where}
      </th>
      <td>
        {fields.length === 0 ? (
          <>
            {before === null ? null : <del>{before}</del>}
            {before === null || after === null ? null : ' → '}
            {after === null ? null : <ins>{after}</ins>}
          </>
        ) : (
          <ul class="fields" aria-label={structure ?? undefined}>
            {fields.map(({ name, before: from, after: to }) => (
              <li key={name}>
                <b>
                  {structure}.{name}
                </b>{' '}
                <del>{from}</del> → <ins>{to}</ins>
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}
