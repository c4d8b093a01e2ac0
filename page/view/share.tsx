import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { renderBrief } from '../../checker/render/brief.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import drawingStyle from '../drawing/drawing.css';
import { runFile } from '../export/run-file.ts';
import { styleForFile } from '../export/style.ts';
import { svgOf } from '../export/svg.tsx';
import { drawingOf, traceOf } from '../export/trace.ts';
import { callsOf, pathOf, placeOf, type Session } from '../session/session.ts';
import { type Shown, wayOf } from '../session/shown.ts';
import { linkNow, notice, trying } from './store.ts';

/** The run in other forms: a link, a file of steps, a text for a mail, a drawing, a trace. */
export function SharePanel({ shown }: { readonly shown: Shown }): JSX.Element {
  const { session } = shown;
  const text = useSignal<string | null>(null);
  const copy = (what: string, make: () => string): void => {
    trying(() => {
      const made = make();
      navigator.clipboard.writeText(made).then(
        () => {
          notice.value = `Copied: ${what}.`;
        },
        () => {
          // Not every browser lets a page write there: then the reader can.
          text.value = made;
        },
      );
    });
  };
  return (
    <fieldset class="share">
      <legend class="said">Share this run</legend>
      <button type="button" onClick={() => copy('the link', linkNow)}>
        Copy link
      </button>
      <button type="button" onClick={() => copy('the steps, for nestcheck run', () => stepsOf(session))}>
        Copy steps
      </button>
      <button type="button" onClick={() => copy('the text, for a mail', () => briefOf(shown))}>
        Copy for a mail
      </button>
      <button
        type="button"
        onClick={() => trying(() => save('run.svg', 'image/svg+xml', svgOf(session, STYLE)))}
      >
        Save SVG
      </button>
      <button
        type="button"
        onClick={() => trying(() => save('trace.json', 'application/json', printTrace(traceShown(shown))))}
      >
        Save trace
      </button>
      {text.value === null ? null : (
        <label class="copied">
          Copy this
          <textarea readOnly rows={6} value={text.value} ref={(element) => element?.select()} />
          <button
            type="button"
            onClick={() => {
              text.value = null;
            }}
          >
            Close
          </button>
        </label>
      )}
    </fieldset>
  );
}

const STYLE = styleForFile(drawingStyle);

function stepsOf(session: Session): string {
  return runFile(session.ground.choice, callsOf(wayOf(session)));
}

/** The trace up to here; what is known of its length where it is the whole of the one that was opened. */
function traceShown({ session, guarantee, given }: Shown): ReturnType<typeof traceOf> {
  const isWhole = placeOf(session).depth === pathOf(session).length - 1 && session.at < given;
  return traceOf(session, isWhole ? guarantee : null);
}

function briefOf(shown: Shown): string {
  const trace = traceShown(shown);
  return `${renderBrief(trace, drawingOf(shown.session, trace))}\n`;
}

function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  notice.value = `Saved: ${name}.`;
}
