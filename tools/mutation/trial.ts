import { readFile } from 'node:fs/promises';
import type { Said, Spec } from './plan.ts';
import { replayName } from './plan.ts';
import { reach } from './reach.ts';
import { pathOf } from './recordings.ts';
import { digestOf, parts, Runs } from './stages.ts';

/*
 * Runs inside the mutated bundle, in a process of its own: one mutant is switched on by the environment before anything is
 * loaded. What gets to it was seen before; all else would answer as ever.
 *
 *   trial.mjs reach ROOT RUNS OTHER  what gets to which mutant: runs of a check, and of one under another design
 *   trial.mjs try SPEC               one line of JSON before each stage; then who kills it
 */

function say(said: Said | { readonly killer: string }): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** The properties first, under what is intended and then under other designs; then what a check no longer sees; recordings; counterexamples. */
async function killer({
  root,
  properties,
  designs,
  seen,
  replayed,
  counterexamples,
}: Spec): Promise<string | null> {
  const unseen = new Set(Object.keys(seen));
  for (const [design, { runs, violated }] of Object.entries(designs)) {
    say({ stage: 'runs', design });
    const made = new Runs(design, violated);
    for (const run of runs) {
      const { violated, seen: now } = made.make(run);
      if (violated[0] !== undefined) return violated[0].id;
      if (design === '') for (const each of now) unseen.delete(each);
    }
  }
  const made = new Runs('', []);
  for (const each of unseen) {
    say({ stage: 'seen', name: each });
    let shown = false;
    for (const run of seen[each] ?? []) {
      const { violated, seen: now } = made.make(run);
      if (violated[0] !== undefined) {
        say({ stage: 'runs', design: '' });
        return violated[0].id;
      }
      for (const other of now) unseen.delete(other);
      shown = now.includes(each);
      if (shown) break;
    }
    if (!shown) return each;
  }
  for (const each of replayed) {
    const name = replayName(each);
    say({ stage: 'recording', name });
    if ((await digestOf(pathOf(root, each), each.design, properties)) !== each.digest) return name;
  }
  for (const path of counterexamples) {
    say({ stage: 'counterexample', name: path });
    if (await parts(root, path)) return path;
  }
  return null;
}

const [what, first = '', ...rest] = process.argv.slice(2);

if (what === 'reach') {
  const [intended = 0, other = 0] = rest.map(Number);
  process.stdout.write(JSON.stringify(await reach(first, { intended, other })));
} else {
  const killed = await killer(JSON.parse(await readFile(first, 'utf8')));
  if (killed === null) say({ stage: 'end' });
  else say({ killer: killed });
}
