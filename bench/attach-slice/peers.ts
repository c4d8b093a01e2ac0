import { cpus } from 'node:os';
import { costOfOurs, costOfTwoSmmus, DEPTH, secondsOfOurStep, WAYS, type Way } from './ours.ts';
import { INSTALL_QUINT, quintVersion, secondsOfQuintStep } from './quint.ts';
import { type Pinned, SIZES, type Size, sizeText } from './size.ts';
import { costOfSpin, INSTALL_SPIN, SEARCHES, type Search, spinVersion } from './spin.ts';
import type { Cost } from './tool.ts';

/*
 * npm run bench:peers: the attach slice, searched by us and by SPIN, and walked at random by Quint's simulator; and what
 * a second thread is worth. Installs nothing: what is not there is skipped, and said so.
 */

/** Everything is repeated and the best is told: noise only ever adds time. What takes longer than a minute is made once. */
const REPEATS = 3;
const LONG = 60;

/** The word for what takes too long to be made unasked. */
const FULL = 'full';

/** `npm run bench:peers -- 3,2,4 symmetry`: only sizes, and only ways of ours, that begin with such a word. */
const words = process.argv.slice(2).filter((word) => word !== FULL);
const isFull = process.argv.includes(FULL);
const isSize = (word: string): boolean => /^[\d,]+$/.test(word);
const sizes = SIZES.filter((size) => isAsked(words.filter(isSize), sizeText(size).slice(1)));
const ways = WAYS.filter((way) =>
  isAsked(
    words.filter((word) => !isSize(word)),
    wayText(way),
  ),
);

function isAsked(starts: readonly string[], text: string): boolean {
  return starts.length === 0 || starts.some((start) => text.startsWith(start));
}

/** Each of its transitions takes ten microseconds or more, and there are millions. */
function takesLong({ transitions }: Pinned, { symmetry }: Way): boolean {
  return !symmetry && transitions > 10_000_000;
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const row = (...cells: readonly string[]): void => print(`| ${cells.join(' | ')} |`);

/** The least seconds and the least processor time of a few runs. */
async function fastest<T extends Cost>(measure: () => Promise<T>): Promise<T> {
  let best = await measure();
  for (let i = 1; i < REPEATS && best.seconds < LONG; i++) {
    const { seconds, cpuSeconds } = await measure();
    best = {
      ...best,
      seconds: Math.min(seconds, best.seconds),
      cpuSeconds: Math.min(cpuSeconds, best.cpuSeconds),
    };
  }
  return best;
}

/** How large something is where the unit is 1; nothing where there is no unit. */
function inUnits(value: number, unit: number | undefined): string {
  return unit === undefined ? '' : (value / unit).toFixed(2);
}

async function searches(): Promise<void> {
  row(
    'slice',
    'states',
    'transitions',
    'who',
    'seconds',
    'SPIN, breadth first = 1',
    'CPU seconds',
    'SPIN, breadth first = 1',
    'transitions/CPU s',
  );
  row('---', '---:', '---:', '---', '---:', '---:', '---:', '---:', '---:');
  const leftOut: string[] = [];
  for (const size of sizes) {
    const counts = [sizeText(size), size.states, size.transitions].map((cell) => cell.toLocaleString('en'));
    const spin = new Map<string, Cost>();
    if (spinVersion() !== null)
      for (const name of Object.keys(SEARCHES) as Search[])
        spin.set(name, await fastest(() => costOfSpin(size, name)));
    const unit = spin.get('breadth first');
    const tell = (who: string, { seconds, cpuSeconds }: Cost): void => {
      const rate = Math.round(size.transitions / cpuSeconds).toLocaleString('en');
      const clock = [seconds.toFixed(2), inUnits(seconds, unit?.seconds)];
      row(...counts, who, ...clock, cpuSeconds.toFixed(2), inUnits(cpuSeconds, unit?.cpuSeconds), rate);
    };
    for (const [name, cost] of spin) tell(`SPIN, ${name}`, cost);
    for (const way of ways) {
      if (takesLong(size, way) && !isFull) {
        leftOut.push(`${sizeText(size)} with ${wayText(way)}`);
        continue;
      }
      const cost = await fastest(() => costOfOurs(size, way));
      tell(`nestcheck, ${wayText(way)}, ${cost.bytesPerState.toFixed(0)} bytes per state`, cost);
    }
  }
  if (leftOut.length > 0)
    print(`\nleft out, because it takes ten minutes (say '${FULL}' to have it): ${leftOut.join('; ')}`);
}

/** What a second thread is worth: on the slice, and on a larger space with all properties. */
async function threads(): Promise<void> {
  row('what', 'seconds, 1 thread', 'seconds, 2 threads', 'times as fast');
  row('---', '---:', '---:', '---:');
  const tell = async (what: string, costOf: (workers: number) => Promise<Cost>): Promise<void> => {
    const [one, two] = [await fastest(() => costOf(1)), await fastest(() => costOf(2))];
    row(what, one.seconds.toFixed(2), two.seconds.toFixed(2), (one.seconds / two.seconds).toFixed(2));
  };
  const largest = sizes.at(-1);
  if (largest !== undefined)
    await tell(`${sizeText(largest)}, symmetry`, (workers) =>
      costOfOurs(largest, { symmetry: true, workers }),
    );
  await tell(`two-smmus, every property, to ${DEPTH} commands`, costOfTwoSmmus);
}

function wayText({ symmetry, workers }: Way): string {
  return `${symmetry ? 'symmetry' : 'no symmetry'}, ${workers} ${workers === 1 ? 'thread' : 'threads'}`;
}

async function walks(): Promise<void> {
  row('slice', 'who', 'random steps/s', 'Quint = 1');
  row('---', '---', '---:', '---:');
  const rateOf = async (size: Size, secondsOf: (size: Size) => Promise<number>): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < REPEATS; i++) least = Math.min(least, await secondsOf(size));
    return 1 / least;
  };
  for (const size of sizes) {
    const quint = quintVersion() === null ? undefined : await rateOf(size, secondsOfQuintStep);
    const ours = await rateOf(size, secondsOfOurStep);
    const tell = (who: string, rate: number): void =>
      row(sizeText(size), who, Math.round(rate).toLocaleString('en'), inUnits(rate, quint));
    if (quint !== undefined) tell('Quint, simulator', quint);
    tell('nestcheck, through the real model', ours);
  }
}

const [processor] = cpus();
const found = [spinVersion(), quintVersion()].filter((version) => version !== null);
const date = new Date().toISOString().slice(0, 10);
print(`${date}; ${cpus().length} × ${processor?.model}; ${[`Node ${process.version}`, ...found].join('; ')}`);
if (spinVersion() === null) print(`skipped: SPIN. To see it beside ours, install ${INSTALL_SPIN}`);
if (quintVersion() === null) print(`skipped: Quint. To see it beside ours, put ${INSTALL_QUINT}`);
print('\nExhaustive search\n');
await searches();
print('\nRandom steps\n');
await walks();
print('\nThreads\n');
await threads();
