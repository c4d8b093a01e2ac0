import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { WorldDrawing } from '../drawing/world.tsx';
import type { Session } from '../session/session.ts';
import type { Part } from '../world/parts.ts';
import { partsShown, worldShown } from './derived.ts';

/** How small a picture may become before it scrolls instead. */
const LEAST_SCALE = 0.74;

/** The world: drawn, and each part of it as a table. */
export function WorldPanel({ session }: { readonly session: Session }): JSX.Element {
  const laid = worldShown(session);
  const hasDrawing = laid.boxes.length > 0;
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const box =
      laid.boxes.find(({ mark }) => mark === 'new') ?? laid.boxes.find(({ mark }) => mark === 'changed');
    const element = frame.current;
    if (element === null || box === undefined) return;
    const scale = element.scrollWidth / laid.width;
    element.scrollLeft = (box.x + box.width / 2) * Math.min(1, scale) - element.clientWidth / 2;
  }, [laid]);
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
        <section class="scroll" ref={frame} tabIndex={0} aria-label="Picture of the world">
          <div class="fit" style={{ minWidth: `${LEAST_SCALE * laid.width}px`, maxWidth: `${laid.width}px` }}>
            <WorldDrawing laid={laid} />
          </div>
        </section>
      ) : null}
      {laid.idle.length === 0 ? null : <p class="faint idle">Idle: {laid.idle.join(', ')}</p>}
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
  const opened = useSignal(isOpen);
  return (
    <details
      class={changed ? 'part changed' : 'part'}
      open={opened.value}
      onToggle={(event) => {
        opened.value = event.currentTarget.open;
      }}
    >
      <summary>
        {title} <span class="count">{rows.length === 0 ? 'empty' : rows.length}</span>
        {changed ? <span class="mark"> changed</span> : null}
      </summary>
      {opened.value ? <Rows rows={rows} /> : null}
    </details>
  );
}

function Rows({ rows }: { readonly rows: Part['rows'] }): JSX.Element {
  return (
    <table>
      <tbody>
        {rows.map(({ where, value, changed }) => (
          <tr key={where} class={changed ? 'changed' : ''}>
            <th scope="row">{where}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
