import { join } from 'node:path';
import { writeTraceFile } from '../checker/files.ts';
import { STATES, shorten } from '../checker/shortest/shorten.ts';
import { committedCounterexamples, ROOT } from './committed.ts';

/*
 * npm run shortest [-- WORD...]: looks for shorter traces than the committed counterexamples, or those of them with such a
 * word in their path, and writes into each what is proved of its length.
 */
const words = process.argv.slice(2);
for (const { path, trace, scope, rules, property } of await committedCounterexamples()) {
  if (words.length > 0 && !words.some((word) => path.includes(word))) continue;
  const { design, defects } = trace;
  const calls = trace.steps.map(({ result: _, ...call }) => call);
  const started = performance.now();
  const proved = await shorten({ scope, selection: { rules, design, defects }, property, calls }, STATES);
  await writeTraceFile(join(ROOT, path), proved);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { steps, guarantee, bound } = proved;
  const upTo = bound === undefined ? 'not compared' : `up to ${bound.depth}, ${bound.alphabet}`;
  const fewer = steps.length < calls.length ? `, ${calls.length} before` : '';
  process.stdout.write(`${path}: ${steps.length} commands${fewer}, ${guarantee} (${upTo}), ${seconds} s\n`);
}
