import type { Override } from '../../model/rules.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2/index.ts';
import { InputError } from '../input-error.ts';
import { readLines } from '../read-lines.ts';
import type { FileReport } from '../report.ts';
import { type Line, type LineOf, parseLine } from './lines.ts';
import { MACHINES, platformOf, suits } from './machines.ts';
import { commandOf, readCount } from './process.ts';
import { Tracker } from './tracker.ts';

/** Why lines of a kind are not compared. */
const SKIPPED: { readonly [E in Line['ev']]?: string } = {
  meta: 'note',
  setup: 'note',
  dma: 'note',
  mem: 'note',
  mmap: 'memory',
  munmap: 'memory',
  store: 'memory',
  load: 'memory',
  transfer: 'dma',
  msi: 'msi',
};

interface Contender {
  readonly machine: string;
  readonly tracker: Tracker;
}

/**
 * Replays a recording of the real kernel's answers, as a stream. All machines that have the recorded devices are
 * followed until the answers tell them apart.
 */
export async function replayRecording(path: string, design: readonly Override[]): Promise<FileReport> {
  const setups: LineOf<'setup'>[] = [];
  const skipped: Record<string, number> = {};
  let contenders: readonly Contender[] = [];
  let events = 0;
  for await (const { line: number, text } of readLines(path)) {
    const line = parseLine(path, number, text);
    events++;
    if (line.ev === 'setup') setups.push(line);
    const reason = SKIPPED[line.ev];
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
    if (line.ev === 'meta' || line.ev === 'setup') continue;
    if (contenders.length === 0) contenders = start(setups, path, design);
    const outcomes = contenders.map((contender) => advance(contender.tracker, line, number, setups, path));
    if (outcomes[0] === 'touched') skipped['event caused by DMA'] = (skipped['event caused by DMA'] ?? 0) + 1;
    const fitting = contenders.filter((_, index) => outcomes[index] !== 'disagreed');
    if (fitting.length > 0) contenders = fitting;
  }
  if (contenders.length === 0) contenders = start(setups, path, design);
  const [{ machine, tracker }] = contenders as [Contender];
  return {
    file: path,
    events,
    checked: tracker.checked,
    agreed: tracker.agreed,
    skipped,
    deviations: Object.fromEntries([...tracker.deviations].sort()),
    first: tracker.first,
    machine,
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
    tracker: new Tracker(platformOf(machine, setups, path), design, linux72),
  }));
}

type Outcome = 'agreed' | 'deviation' | 'disagreed' | 'touched' | 'followed';

function advance(
  tracker: Tracker,
  line: Line,
  number: number,
  setups: readonly LineOf<'setup'>[],
  path: string,
): Outcome {
  if (line.ev === 'transfer' || line.ev === 'msi') tracker.noteDma();
  const cdevs = new Map(setups.map((setup) => [setup.cdev, setup.bdf]));
  const command = commandOf(line, tracker.actor, cdevs, path, number);
  if (command === null) return 'followed';
  if (SKIPPED[line.ev] !== undefined) {
    tracker.follow(command);
    return 'followed';
  }
  if ((line.ev === 'read' || line.ev === 'poll') && tracker.touchedByDma.has(line.fd)) {
    // What a DMA put into the queue is not modelled; once a read found its end, the queue is known again.
    if (line.ev === 'read' && line.ret >= 0 && line.ret < readCount(line))
      tracker.touchedByDma.delete(line.fd);
    return 'touched';
  }
  if (line.ev === 'close') tracker.touchedByDma.delete(line.fd);
  return tracker.compare(line, number, command);
}
