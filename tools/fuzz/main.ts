import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { type Input, inputsFrom } from './inputs.ts';
import { type Answer, faultOf } from './judge.ts';

/*
 * npm run fuzz -- --seconds 300 --seed 1: feeds every reader and the command line what is nearly right, for that long. The
 * same seed draws the same inputs. What finds a fault is written to `fuzz-found/`, and belongs into tools/fuzz/corpus once
 * the fault is mended.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } },
});
const CORPUS = 'tools/fuzz/corpus';
const FOUND = 'fuzz-found';
/** Inputs drawn at a time. */
const BATCH = 200;
/** Milliseconds that an answer may take, and megabytes of heap: what takes more is a fault. */
const MOST_TIME = 20_000;
const HEAP = 300;

function start(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP },
  });
}

let worker = start();

async function faultIn(input: Input): Promise<string | null> {
  const late = AbortSignal.timeout(MOST_TIME);
  try {
    const answered = once(worker, 'message', { signal: late });
    worker.postMessage(input);
    const [answer] = (await answered) as [Answer];
    return faultOf(answer);
  } catch (error) {
    await worker.terminate();
    worker = start();
    return late.aborted ? `no answer within ${MOST_TIME / 1000} s` : String(error);
  }
}

const inputs = await inputsFrom(CORPUS);
const deadline = performance.now() + Number(values.seconds) * 1000;
const counts: Record<string, number> = {};
let found = 0;
for (let seed = Number(values.seed); performance.now() < deadline; seed++) {
  for (const input of fc.sample(inputs, { seed, numRuns: BATCH })) {
    if (performance.now() >= deadline) break;
    counts[input.reader] = (counts[input.reader] ?? 0) + 1;
    const fault = await faultIn(input);
    if (fault === null) continue;
    found++;
    console.log(
      `seed ${seed}, ${input.reader}: ${JSON.stringify(fault.slice(0, 500))}\n  ${JSON.stringify(input.argv)}`,
    );
    if (!('name' in input)) continue;
    await mkdir(FOUND, { recursive: true });
    await writeFile(`${FOUND}/${seed}-${found}-${input.name.replace(/\.gz$/, '')}`, input.text);
  }
}
await worker.terminate();
console.log(
  `${Object.entries(counts)
    .map(([reader, count]) => `${count} of ${reader}`)
    .join(', ')}: ${found} faults`,
);
process.exitCode = found === 0 ? 0 : 1;
