import { describe, expect, it } from 'vitest';
import { resultText } from '../../checker/result-text.ts';
import { readRunFile, runFile } from '../../page/export/run-file.ts';
import { traceAddress } from '../../page/gallery/search.ts';
import { addressText, readAddress } from '../../page/link/address.ts';
import { choiceOf } from '../../page/session/choice.ts';
import { callsOf, goToDepth, pathOf, placeOf, redo, type Session } from '../../page/session/session.ts';
import { addressOf, ownRun, shownAt } from '../../page/session/shown.ts';
import { committedCounterexamples } from '../../tools/committed.ts';
import { committedGallery } from '../../tools/gallery.ts';

const committed = await committedCounterexamples();
const { traces } = await committedGallery();

function walked(session: Session, each: (session: Session) => void): Session {
  let at = goToDepth(session, 0);
  for (let next = redo(at); next !== at; next = redo(at)) {
    at = next;
    each(at);
  }
  return at;
}

describe.each(committed.map((each) => [each.path, each] as const))('%s', (path, { trace, property }) => {
  const name = path.replace(/^counterexamples\/|\.json$/g, '');
  const address = readAddress(addressText(traceAddress(name)));
  if (address.kind !== 'trace') throw new Error('a trace has the address of one');
  const shown = shownAt(address, traces);

  it('opens by its permanent address, and steps to its end as it was recorded', () => {
    const answers: string[] = [];
    const violated: number[] = [];
    const end = walked(shown.session, (session) => {
      const { step, depth, violated: found } = placeOf(session);
      answers.push(step === null ? '' : resultText(step.done.result));
      if (found.some((each) => each.property === property)) violated.push(depth);
    });
    expect(answers).toEqual(trace.steps.map(({ result }) => resultText(result)));
    expect(violated).toEqual([trace.steps.length]);
    expect(placeOf(end).violated.find((each) => each.property === property)?.violation).toBe(trace.violation);
    expect(shown.outcome).toEqual({ kind: 'replays' });
  });

  it('is the same run as a file of steps, and as a link that has it all', () => {
    const calls = callsOf(pathOf(shown.session));
    const file = runFile(choiceOf(trace), calls);
    const read = readRunFile('a file', file);
    expect(read.calls).toEqual(calls);
    const link = addressOf(ownRun(shown.session));
    if (link.kind !== 'run') throw new Error('a run of no trace has an address of its own');
    const again = shownAt(link, []);
    expect(callsOf(pathOf(again.session))).toEqual(calls);
    expect(again.session.ground.design).toEqual(shown.session.ground.design);
    expect(addressText(link).length).toBeLessThan(2000);
  });
});
