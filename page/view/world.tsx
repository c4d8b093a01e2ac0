import type { JSX } from 'preact';
import { WorldDrawing } from '../drawing/world.tsx';
import type { Session } from '../session/session.ts';
import type { Part } from '../world/parts.ts';
import { partsShown, worldShown } from './derived.ts';

/** The world: drawn, and each part of it as a table. */
export function WorldPanel({ session }: { readonly session: Session }): JSX.Element {
  const laid = worldShown(session);
  const hasDrawing = laid.boxes.length > 0;
  return (
    <section class="panel" aria-label="The world">
      <div class="bar">
        <h2>World</h2>
        <span class="legend">
          <span class="new">new</span> <span class="changed">changed</span> <span class="gone">gone</span>
        </span>
      </div>
      {hasDrawing ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
        <section class="scroll" tabIndex={0} aria-label="Picture of the world">
          <WorldDrawing laid={laid} />
        </section>
      ) : null}
      <div class="parts">
        {partsShown(session).map((part) => (
          <PartTable key={part.title} part={part} isOpen={!hasDrawing && part.changed} />
        ))}
      </div>
    </section>
  );
}

function PartTable({ part, isOpen }: { readonly part: Part; readonly isOpen: boolean }): JSX.Element {
  const { title, rows, changed } = part;
  return (
    <details class={changed ? 'part changed' : 'part'} open={isOpen}>
      <summary>
        {title} <span class="count">{rows.length === 0 ? 'empty' : rows.length}</span>
        {changed ? <span class="mark"> changed</span> : null}
      </summary>
      <table>
        <tbody>
          {rows.map(({ where, value, changed: isNew }) => (
            <tr key={where} class={isNew ? 'changed' : ''}>
              <th scope="row">{where}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
