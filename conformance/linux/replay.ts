import type { Override } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { InputError } from '../input-error.ts';
import { readLines } from '../read-lines.ts';
import type { FileReport } from '../report.ts';
import { answered } from './answer.ts';
import type { Ask } from './follower.ts';
import { type Line, type LineOf, parseLine } from './lines.ts';
import { loadOf, msiOf, storeOf, transferOf } from './machine-lines.ts';
import { MACHINES, platformOf, suits } from './machines.ts';
import { type Cdevs, commandOf } from './process.ts';
import { stepSystem } from './system.ts';
import { type KnownDeviations, Tracker, type Verdict } from './tracker.ts';

/** Why lines of a kind have no answer to compare. */
const WITHOUT_ANSWER: { readonly [E in Line['ev']]?: string } = {
  meta: 'note',
  setup: 'note',
  dma: 'note',
  mem: 'note',
  mmap: 'mapping of the process',
  munmap: 'mapping of the process',
  store: 'store',
  transfer: 'transfer',
};

/** What came of a line: a comparison, or why there was none. */
type Outcome = Verdict;

interface Contender {
  readonly machine: string;
  readonly tracker: Tracker;
}

/**
 * Replays a recording of the real system's answers, as a stream: kernel, memory, pSMMUs and devices. All machines that
 * have the recorded devices are followed until the answers tell them apart. With QEMU's pSMMUs every answer is determined;
 * with the architecture's an answer agrees if the caches permit it.
 */
export async function replayRecording(path: string, design: readonly Override[]): Promise<FileReport> {
  const setups: LineOf<'setup'>[] = [];
  const skipped: Record<string, number> = {};
  let contenders: readonly Contender[] = [];
  let events = 0;
  const skip = (reason: string): void => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  for await (const { line: number, text } of readLines(path)) {
    const line = parseLine(path, number, text);
    events++;
    if (line.ev === 'setup') setups.push(line);
    if (line.ev === 'meta' || line.ev === 'setup') {
      skip('note');
      continue;
    }
    if (contenders.length === 0) contenders = start(setups, path, design);
    const outcomes = contenders.map(({ tracker }) => advance(tracker, line, number, setups, path));
    const [first] = outcomes;
    if (typeof first === 'object') skip(first.skipped);
    const fitting = contenders.filter((_, index) => outcomes[index] !== 'disagreed');
    if (fitting.length > 0) contenders = fitting;
  }
  if (contenders.length === 0) contenders = start(setups, path, design);
  const [{ machine, tracker }] = contenders as [Contender];
  const permitted = tracker.permitted.report();
  return {
    file: path,
    events,
    checked: tracker.checked,
    agreed: tracker.agreed,
    skipped,
    deviations: Object.fromEntries([...tracker.deviations].sort()),
    first: tracker.first,
    machine,
    ...(permitted === null ? {} : { permitted }),
  };
}

function start(
  setups: readonly LineOf<'setup'>[],
  path: string,
  design: readonly Override[],
): readonly Contender[] {
  const machines = MACHINES.filter((machine) => suits(machine, setups));
  if (machines.length === 0) throw new InputError(path, null, 'expected the devices of a known machine');
  return machines.map((machine) => ({
    machine: machine.name,
    tracker: new Tracker(platformOf(machine, setups, path), design, KNOWN),
  }));
}

/** What is known of the recorded systems. */
export const KNOWN: KnownDeviations = { kernel: linux72, smmu: smmuQemu11Deviations };

/** One line: what follows from it, and how its answer compares. */
export function advance(
  tracker: Tracker,
  line: Line,
  number: number,
  setups: readonly LineOf<'setup'>[],
  path: string,
): Outcome {
  if (line.ev === 'store') tracker.followStore(storeOf(line, path, number));
  if (line.ev === 'transfer') tracker.followDma(transferOf(line, path, number));
  const cdevs: Cdevs = new Map(setups.map((setup) => [setup.cdev, setup.bdf]));
  const command = commandOf(line, tracker.actor, cdevs, path, number);
  const reason = WITHOUT_ANSWER[line.ev];
  if (reason !== undefined) {
    if (command !== null) tracker.followCall(command);
    return { skipped: reason };
  }
  if (line.ev === 'msi') return tracker.compare(line, number, msiOf(line, path, number), null);
  if (line.ev === 'load') return tracker.compare(line, number, loadOf(line, path, number), null);
  if (command === null) throw new InputError(path, number, `"ev": ${line.ev} is no call`);
  return tracker.compare(line, number, callOf(line, command), command);
}

function callOf(line: Line, command: Command): Ask {
  return (system, rules) => {
    const { system: after, result } = stepSystem(system, command, rules);
    return [{ system: after, answer: answered(line, command, result) }];
  };
}
