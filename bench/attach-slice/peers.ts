import { cpus } from 'node:os';
import { oursOf, WAYS, type Way } from './ours.ts';
import { INSTALL_QUINT, quintVersion, secondsOfQuintStep } from './quint.ts';
import { SIZES, sizeText } from './size.ts';
import { INSTALL_SPIN, SEARCHES, type Search, secondsOfSpin, spinVersion } from './spin.ts';

/*
 * npm run bench:peers: the attach slice, searched by us and by SPIN, and walked at random by Quint's simulator. Installs nothing:
 * what is not there is skipped, and said so.
 */

/** Every search is repeated and the fastest is told: noise only ever adds time. */
const REPEATS = 3;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const row = (...cells: readonly string[]): void => print(`| ${cells.join(' | ')} |`);

async function fastest(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) best = Math.min(best, await measure());
  return best;
}

async function searches(): Promise<void> {
  row('slice', 'states', 'transitions', 'who', 'seconds', 'transitions/s');
  row('---', '---:', '---:', '---', '---:', '---:');
  for (const size of SIZES) {
    const counts = [sizeText(size), size.states, size.transitions].map((cell) => cell.toLocaleString('en'));
    const tell = (who: string, seconds: number): void => {
      const rate = Math.round(size.transitions / seconds).toLocaleString('en');
      row(...counts, who, seconds.toFixed(2), rate);
    };
    for (const way of WAYS) {
      let bytes = 0;
      const seconds = await fastest(async () => {
        const ours = await oursOf(size, way);
        bytes = ours.bytesPerState;
        return ours.seconds;
      });
      tell(`nestcheck, ${wayText(way)}, ${bytes.toFixed(0)} bytes per state`, seconds);
    }
    if (spinVersion() === null) continue;
    for (const search of Object.keys(SEARCHES) as Search[])
      tell(`SPIN, ${search}`, await fastest(() => secondsOfSpin(size, search)));
  }
}

function wayText({ symmetry, workers }: Way): string {
  return `${symmetry ? 'symmetry' : 'no symmetry'}, ${workers} ${workers === 1 ? 'thread' : 'threads'}`;
}

async function walks(): Promise<void> {
  row('slice', 'who', 'random steps/s');
  row('---', '---', '---:');
  for (const size of SIZES) {
    if (quintVersion() === null) continue;
    const seconds = await fastest(() => secondsOfQuintStep(size));
    row(sizeText(size), 'Quint', Math.round(1 / seconds).toLocaleString('en'));
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
