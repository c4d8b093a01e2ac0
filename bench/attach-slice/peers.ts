import { cpus } from 'node:os';
import { costOfOurs, secondsOfOurStep, WAYS, type Way } from './ours.ts';
import { INSTALL_QUINT, quintVersion, secondsOfQuintStep } from './quint.ts';
import { SIZES, type Size, sizeText } from './size.ts';
import { costOfSpin, INSTALL_SPIN, SEARCHES, type Search, spinVersion } from './spin.ts';
import type { Cost } from './tool.ts';

/*
 * npm run bench:peers: the attach slice, searched by us and by SPIN, and walked at random by Quint's simulator. Installs nothing:
 * what is not there is skipped, and said so.
 */

/** Every search is repeated and the fastest is told: noise only ever adds time. What takes longer than a minute is made once. */
const REPEATS = 3;
const LONG = 60;

/** `npm run bench:peers -- 3,2,4 symmetry`: only sizes, and only ways of ours, that begin with such a word. */
const words = process.argv.slice(2);
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

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const row = (...cells: readonly string[]): void => print(`| ${cells.join(' | ')} |`);

async function fastest<T extends Cost>(measure: () => Promise<T>): Promise<T> {
  let best = await measure();
  for (let i = 1; i < REPEATS && best.seconds < LONG; i++) {
    const again = await measure();
    if (again.cpuSeconds < best.cpuSeconds) best = again;
  }
  return best;
}

async function searches(): Promise<void> {
  row(
    'slice',
    'states',
    'transitions',
    'who',
    'seconds',
    'CPU seconds',
    'transitions/CPU s',
    'CPU, SPIN breadth first = 1',
  );
  row('---', '---:', '---:', '---', '---:', '---:', '---:', '---:');
  for (const size of sizes) {
    const counts = [sizeText(size), size.states, size.transitions].map((cell) => cell.toLocaleString('en'));
    const spin = new Map<string, Cost>();
    if (spinVersion() !== null)
      for (const name of Object.keys(SEARCHES) as Search[])
        spin.set(name, await fastest(() => costOfSpin(size, name)));
    const unit = spin.get('breadth first')?.cpuSeconds;
    const tell = (who: string, { seconds, cpuSeconds }: Cost): void => {
      const rate = Math.round(size.transitions / cpuSeconds).toLocaleString('en');
      const ratio = unit === undefined ? '' : (cpuSeconds / unit).toFixed(2);
      row(...counts, who, seconds.toFixed(2), cpuSeconds.toFixed(2), rate, ratio);
    };
    for (const [name, cost] of spin) tell(`SPIN, ${name}`, cost);
    for (const way of ways) {
      const cost = await fastest(() => costOfOurs(size, way));
      tell(`nestcheck, ${wayText(way)}, ${cost.bytesPerState.toFixed(0)} bytes per state`, cost);
    }
  }
}

function wayText({ symmetry, workers }: Way): string {
  return `${symmetry ? 'symmetry' : 'no symmetry'}, ${workers} ${workers === 1 ? 'thread' : 'threads'}`;
}

async function walks(): Promise<void> {
  row('slice', 'who', 'random steps/s');
  row('---', '---', '---:');
  for (const size of sizes) {
    const tell = async (who: string, secondsOf: (size: Size) => Promise<number>): Promise<void> => {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < REPEATS; i++) least = Math.min(least, await secondsOf(size));
      row(sizeText(size), who, Math.round(1 / least).toLocaleString('en'));
    };
    await tell('nestcheck, through the real model', secondsOfOurStep);
    if (quintVersion() !== null) await tell('Quint, simulator', secondsOfQuintStep);
  }
}

const [processor] = cpus();
const found = [spinVersion(), quintVersion()].filter((version) => version !== null);
print(`${cpus().length} × ${processor?.model}; ${[`Node ${process.version}`, ...found].join('; ')}`);
if (spinVersion() === null) print(`skipped: SPIN. To see it beside ours, install ${INSTALL_SPIN}`);
if (quintVersion() === null) print(`skipped: Quint. To see it beside ours, put ${INSTALL_QUINT}`);
print('\nExhaustive search\n');
await searches();
print('\nRandom steps\n');
await walks();
