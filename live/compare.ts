import { bytesOfHex } from '../conformance/hex.ts';
import { recorded } from '../conformance/linux/answer.ts';
import type { Line } from '../conformance/linux/lines.ts';
import type { Observed } from '../conformance/linux/observed.ts';
import { advance, contender } from '../conformance/linux/replay.ts';
import { endsFor, orderFor } from '../conformance/linux/together.ts';
import { type KnownDeviations, Tracker } from '../conformance/linux/tracker.ts';
import { answersOf } from '../conformance/recorder/order.ts';
import type { Told } from '../conformance/recorder/translator.ts';
import { composeRules, type Override, type Rules } from '../model/rules.ts';
import { ALL_IOCTLS } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { ERRNO } from '../spec/errno.ts';
import { readField, type StructTable } from '../spec/struct.ts';
import type { Described, Ran } from './target.ts';

/** A place where the target and the model under the design part. */
export interface Parting {
  /** Index among the run's lines. */
  readonly line: number;
  /** The step of the sequence; -1: none. */
  readonly step: number;
  /** The command, as the interface calls it. */
  readonly command: string;
  /** The deviation that explains it; null: nothing does. */
  readonly deviation: string | null;
  /** What the target answered, in words. */
  readonly real: string;
  /** What the model answered, in words; '' where a deviation explains the answer; in a race, that it does not in any order. */
  readonly model: string;
  /** Equal for differences of one kind: the command and the two answers, or the deviation. */
  readonly kind: string;
  /** Of a race: its steps in the order that explains the most answers, up to the one that nothing explains. */
  readonly order?: readonly number[];
}

/** A run held against the model. */
export interface Compared {
  readonly partings: readonly Parting[];
  /** Answers compared. */
  readonly checked: number;
  /** Every answer, in order of the lines that have one. */
  readonly outcomes: readonly Outcome[];
}

/** An answer that was reached. */
export interface Outcome {
  /** The command, and the name of its errno or `ok`. */
  readonly what: string;
  /** The step of the sequence; -1: none. */
  readonly step: number;
}

/** What a target is held against. */
export interface Held {
  readonly design: readonly Override[];
  /** The deviations by which an answer that the design does not expect may be explained. */
  readonly known: KnownDeviations;
}

const RULES = new WeakMap<Held, Rules>();

/** How the target is thought to answer: as the model with every known deviation. */
export function rulesOf(held: Held): Rules {
  const rules = RULES.get(held) ?? composeRules([...held.design, ...held.known.kernel, ...held.known.smmu]);
  RULES.set(held, rules);
  return rules;
}

/** Told the world after every line at which the target's answers leave one possible. */
export type Look = (world: World, line: number) => void;

const FILE = 'live';

/** What the model says of an answer that no order of a race's calls explains. */
const IN_NO_ORDER = 'in no order of the calls that overlap it';

/**
 * Whether two partings' kinds are about the same thing: also one that shows in a race and, in less of it, without one. What the
 * model says is then its own.
 */
export function sameKind(kind: string, other: string): boolean {
  if (kind === other) return true;
  if (!kind.endsWith(` / ${IN_NO_ORDER}`)) return false;
  const answer = kind.slice(0, -` / ${IN_NO_ORDER}`.length);
  return other.startsWith(`${answer}, `) || other.startsWith(`${answer} / `);
}

/**
 * Follows a run with the model: what the design expects, and what it expects with the known deviations. Calls of a race are taken
 * in an order that explains their answers, if there is one. Ends at the first answer that nothing explains: behind it the model is
 * elsewhere.
 */
export function compareRun(
  { platform, setups }: Described,
  { lines, steps }: Pick<Ran, 'lines' | 'steps'>,
  { design, known }: Held,
  look: Look | null = null,
): Compared {
  const tracker = new Tracker(platform, design, known, { complete: true });
  const followed = contender(
    platform.name,
    tracker,
    setups.map(({ cdev }) => cdev ?? ''),
  );
  const cdevs = new Map(setups.map(({ cdev, bdf }) => [cdev ?? '', bdf]));
  const partings: Parting[] = [];
  const outcomes: Outcome[] = [];
  const stepAt = (at: number): number => steps[at] ?? -1;
  const noteOutcome = (line: Line, at: number): void => {
    const name = commandName(line);
    if (name !== null) outcomes.push({ what: `${name} ${errnoName(line)}`, step: stepAt(at) });
  };
  /** The deviation that was counted once more than before. */
  const noteDeviation = (
    before: ReadonlyMap<string, number>,
    at: number,
    command: string,
    real: string,
  ): void => {
    const deviation =
      [...tracker.deviations].find(([each, count]) => (before.get(each) ?? 0) < count)?.[0] ?? '';
    const kind = `deviation ${deviation}`;
    partings.push({ line: at, step: stepAt(at), command, deviation, real, model: '', kind });
  };
  /** Whether the run can be followed further. */
  const follow = (line: Line, at: number, raced: readonly number[] | null): boolean => {
    const before = new Map(tracker.deviations);
    const verdict = advance(followed, line, at + 1, cdevs, FILE);
    noteOutcome(line, at);
    const command = commandName(line) ?? line.ev;
    if (verdict === 'deviation')
      noteDeviation(before, at, command, inWords(line, recorded(line), recorded(line)));
    if (verdict !== 'disagreed' || tracker.first === null) return true;
    const { expected, model: answer } = tracker.first;
    // Which fields differ depends on the order.
    const real = raced === null ? inWords(line, expected, answer) : errnoName(line);
    const model = raced === null ? inWords(line, answer, expected) : IN_NO_ORDER;
    const kind = `${command}: ${real} / ${model}`;
    const order = raced === null ? {} : { order: raced };
    partings.push({ line: at, step: stepAt(at), command, deviation: null, real, model, kind, ...order });
    return false;
  };
  /** Calls of a race that come between the parts of others; whether the model can follow them. */
  const followInParts = (calls: readonly Told[], first: number): boolean => {
    const before = new Map(tracker.deviations);
    const verdict = tracker.followTogether(answersOf(calls), endsFor(calls, cdevs));
    if (verdict === null) return false;
    for (const [at, { line }] of calls.entries()) noteOutcome(line, first + at);
    const last = first + calls.length - 1;
    if (verdict === 'deviation') noteDeviation(before, last, 'calls of a race', '');
    return true;
  };
  const race = (calls: readonly Told[], first: number): boolean => {
    const mark = calls.length > 1 ? tracker.mark() : null;
    const order = orderFor(calls, tracker, cdevs);
    if (order.inParts && followInParts(calls, first)) return true;
    const raced: number[] | null = mark === null ? null : [];
    for (const each of order.calls) {
      const at = first + calls.indexOf(each);
      raced?.push(stepAt(at));
      if (!follow(each.line, at, raced)) return false;
    }
    if (mark !== null) tracker.widen(mark, endsFor(calls, cdevs));
    return true;
  };
  // A kernel's run has a kernel's lines only.
  const all = lines as readonly Line[];
  for (let first = 0; first < all.length; ) {
    const past = endOfOverlap(all, first);
    const calls = all.slice(first, past).map((line) => ({ line, actor: tracker.actor }));
    if (!race(calls, first)) break;
    if (tracker.isDetermined) look?.(tracker.system.world, past - 1);
    first = past;
  }
  return { partings, checked: tracker.checked, outcomes };
}

/** The line behind those that may have happened in another order, from one on. */
function endOfOverlap(lines: readonly Line[], first: number): number {
  let last = first;
  while ((lines[last]?.flight ?? 0) > 0 && last + 1 < lines.length) last++;
  return last + 1;
}

/** What a line is about, as the interface calls it; null where it has no answer. */
export function commandName(line: Line): string | null {
  switch (line.ev) {
    case 'ioctl':
      return line.name;
    case 'open':
    case 'close':
    case 'read':
    case 'write':
    case 'poll':
    case 'load':
    case 'msi':
      return line.ev;
    default:
      return null;
  }
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, value]) => [value, name]),
);

function errnoName(line: Line): string {
  const errno = 'errno' in line ? (line.errno ?? 0) : 0;
  return errno === 0 ? 'ok' : (ERRNO_NAMES.get(errno) ?? `errno ${errno}`);
}

/**
 * An answer in words that are the same for answers of one kind: its errno, and which fields are other than in the answer
 * that it is compared with. Values of fields are left out: they differ from run to run.
 */
function inWords(line: Line, answer: Observed, other: Observed): string {
  const errno = Number(answer.errno ?? 0);
  const parts = [errno === 0 ? 'ok' : (ERRNO_NAMES.get(errno) ?? `errno ${errno}`)];
  for (const key of Object.keys(answer)) {
    if (key === 'errno' || (key === 'ret' && errno !== 0) || answer[key] === other[key]) continue;
    if (key === 'out' && line.ev === 'ioctl')
      parts.push(...fieldsThatDiffer(line.name, String(answer.out), String(other.out)));
    else if (key === 'bufs' || key === 'hex') parts.push(`other ${key === 'hex' ? 'bytes' : 'buffer'}`);
    else parts.push(`${key} ${answer[key]}`);
  }
  return parts.join(', ');
}

const TABLES: ReadonlyMap<string, StructTable> = new Map(
  Object.values(ALL_IOCTLS).map((table: StructTable & { readonly name: string }) => [table.name, table]),
);

function fieldsThatDiffer(name: string, out: string, other: string): readonly string[] {
  const fields = TABLES.get(name)?.fields ?? {};
  const [ours, theirs] = [bytesOfHex(out), bytesOfHex(other)];
  const differing = Object.entries(fields).filter(
    ([, layout]) => readField(ours, layout) !== readField(theirs, layout),
  );
  return differing.length === 0 ? ['other bytes'] : differing.map(([field]) => `other ${field}`);
}
