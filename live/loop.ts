import fc from 'fast-check';
import { runSeed } from '../checker/random/seed.ts';
import type { Draw } from '../workload/generator/choice.ts';
import { type Complaint, complaintIn, endOf } from './console.ts';
import { Corpus } from './corpus.ts';
import type { Finding } from './finding.ts';
import { Hunt } from './hunt.ts';
import { kernelSubject } from './kernel-subject.ts';
import { kindOfLeft } from './left-behind.ts';
import type { LiveOptions } from './options.ts';
import type { LiveSequence } from './step.ts';
import type { Subject, SubjectOf } from './subject.ts';
import { type Described, type Ran, type Target, TargetLost } from './target.ts';

export interface LiveProgress {
  readonly runs: number;
  readonly calls: number;
  readonly seconds: number;
  readonly found: number;
  /** What is being made smaller just now; null: nothing. */
  readonly shrinking: string | null;
}

export interface LiveReport {
  readonly target: string;
  /** The machine and its devices, as a recording describes them. */
  readonly platform: Described['platform'];
  readonly meta: Described['meta'];
  readonly setups: Described['setups'];
  readonly seed: number;
  readonly runs: number;
  /** Steps of the sequences that were run to find something. */
  readonly steps: number;
  /** Answers that were compared. */
  readonly calls: number;
  readonly seconds: number;
  /** Of them, how many went into making findings small. */
  readonly smallSeconds: number;
  readonly findings: readonly Finding[];
  /** How often each command answered with each errno. */
  readonly coverage: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly restarts: number;
  /** Commands that were no longer made, since each had brought the target down or left something behind. */
  readonly avoided: readonly string[];
  readonly corpus: number;
  readonly ended: 'time' | 'runs' | 'interrupted' | 'lost';
}

/** Share of the time after which nothing new is looked for: the rest is for making small what has a name. */
const SEARCHING = 0.8;

/** Restarts in a row after which a target is given up. */
const MOST_RESTARTS = 5;

/**
 * Makes sequences, runs them on a target, and brings back where it and the model part, each in its smallest form. `subjectOf` says
 * what the target is: a kernel, unless it is said.
 */
export async function live(
  target: Target,
  options: LiveOptions,
  show: (progress: LiveProgress) => void,
  interrupted: () => boolean,
  subjectOf: SubjectOf = kernelSubject,
): Promise<LiveReport> {
  return new Loop(target, options, show, interrupted, subjectOf).run();
}

/** A sequence of a search. */
interface Made {
  readonly sequence: LiveSequence;
  readonly run: number;
  /** The target has to be started again behind it. */
  readonly alone: boolean;
}

/** Sequences that are sent together, and those that are run alone behind them. */
interface Round {
  readonly count: number;
  readonly together: readonly Made[];
  readonly alone: readonly Made[];
}

/** A round that is being carried out. */
interface Sent extends Round {
  readonly settled: Promise<readonly PromiseSettledResult<Ran>[]>;
}

/** What a round answered, to be judged while the next one is carried out. */
interface Answered {
  readonly together: readonly Made[];
  readonly rans: readonly Ran[];
}

interface Trouble {
  readonly complaint: Complaint | null;
}

class Loop {
  readonly #target: Target;
  readonly #options: LiveOptions;
  readonly #subjectOf: SubjectOf;
  readonly #show: (progress: LiveProgress) => void;
  readonly #interrupted: () => boolean;
  readonly #began = performance.now();
  readonly #corpus = new Corpus();
  readonly #coverage = new Map<string, Map<string, number>>();
  readonly #avoided = new Set<string>();
  readonly #left = new Set<string>();
  #runs = 0;
  #sent = 0;
  #small = 0;
  #calls = 0;
  #steps = 0;
  #restarts = 0;
  #inARow = 0;
  #files = -1;
  #hunt: Hunt | null = null;

  constructor(
    target: Target,
    options: LiveOptions,
    show: (progress: LiveProgress) => void,
    interrupted: () => boolean,
    subjectOf: SubjectOf,
  ) {
    this.#target = target;
    this.#options = options;
    this.#subjectOf = subjectOf;
    this.#show = show;
    this.#interrupted = interrupted;
  }

  async run(): Promise<LiveReport> {
    const described = await this.#target.boot();
    const subject = this.#subjectOf(described, this.#options);
    const hunt = new Hunt(
      this.#target,
      subject,
      () => !this.#interrupted() && this.#elapsed() < this.#options.time,
      (what) => this.#tell(what),
    );
    this.#hunt = hunt;
    let lost = false;
    try {
      await this.#measure();
      await this.#search(subject, hunt);
      const began = performance.now();
      await hunt.finish();
      this.#small += performance.now() - began;
    } catch (error) {
      if (!(error instanceof TargetLost)) throw error;
      lost = true;
      hunt.add({
        is: 'lost',
        kind: `lost ${error.message}`,
        real: error.message,
        console: endOf(await this.#target.console()),
        sequence: [],
        run: this.#runs,
      });
    } finally {
      await this.#target.stop();
    }
    return this.#report(described, hunt, lost ? 'lost' : (this.#ended() ?? 'time'));
  }

  #ended(): 'time' | 'runs' | 'interrupted' | null {
    if (this.#interrupted()) return 'interrupted';
    if (this.#options.runs !== null && this.#runs >= this.#options.runs) return 'runs';
    return this.#elapsed() >= SEARCHING * this.#options.time ? 'time' : null;
  }

  #elapsed(): number {
    return performance.now() - this.#began;
  }

  /** While the target carries a round out, the one before is judged and the next one made. */
  async #search(subject: Subject, hunt: Hunt): Promise<void> {
    let before: Answered | null = null;
    let round = this.#make(subject);
    while (round !== null) {
      const sent = this.#send(round);
      if (before !== null) await this.#judge(before, subject, hunt);
      const next = this.#make(subject);
      const settled = await sent.settled;
      const rans = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const trouble = await this.#troubleAfter(settled, rans);
      if (trouble !== null) await this.#oneByOne(sent.together, hunt, trouble);
      for (const each of sent.alone) await this.#alone(subject, hunt, each);
      if (trouble === null) this.#inARow = 0;
      before = trouble === null ? { together: sent.together, rans } : null;
      this.#runs += sent.count;
      this.#tell(null);
      round = this.#ended() === null ? next : null;
    }
    if (before !== null) await this.#judge(before, subject, hunt);
  }

  /** The sequences of the next round. Null: all were made. */
  #make(subject: Subject): Round | null {
    // Sequences of a round do not depend on each other, so a seed gives the same ones.
    const count = Math.min(subject.round, (this.#options.runs ?? Number.POSITIVE_INFINITY) - this.#sent);
    if (count === 0) return null;
    const made = Array.from({ length: count }, (_, at) => this.#generate(subject, this.#sent + at));
    this.#sent += count;
    return { count, together: made.filter(({ alone }) => !alone), alone: made.filter(({ alone }) => alone) };
  }

  /** Sends those that leave the target as it was; none with a command that has brought it down since they were made. */
  #send({ count, together: all, alone }: Round): Sent {
    const together = all.filter((made) => this.#isWanted(made));
    const settled = Promise.allSettled(together.map(({ sequence }) => this.#target.run(sequence)));
    return { count, together, alone: alone.filter((made) => this.#isWanted(made)), settled };
  }

  #isWanted({ sequence }: Made): boolean {
    return !sequence.some((step) => step.kind === 'call' && this.#avoided.has(step.call.command));
  }

  async #judge({ together, rans }: Answered, subject: Subject, hunt: Hunt): Promise<void> {
    for (const [at, ran] of rans.entries()) await this.#take(subject, hunt, together[at], ran);
    this.#tell(null);
  }

  /** What happened in a round that the answers alone do not show; null: nothing. */
  async #troubleAfter(
    settled: readonly PromiseSettledResult<Ran>[],
    answered: readonly Ran[],
  ): Promise<Trouble | null> {
    for (const each of settled) {
      if (each.status === 'rejected' && !(each.reason instanceof TargetLost)) throw each.reason;
    }
    const complaint = complaintIn(await this.#target.console());
    if (complaint !== null) return { complaint };
    if (answered.length < settled.length || answered.some(({ end }) => end !== 'ok' && end !== 'full'))
      return { complaint: null };
    if (this.#files < 0 || (answered.at(-1)?.files ?? this.#files) <= this.#files) return null;
    return (await this.#filesNow()) > this.#files ? { complaint: null } : null;
  }

  /** The round again, on a fresh target and one run at a time, to see which it was. */
  async #oneByOne(made: readonly Made[], hunt: Hunt, { complaint }: Trouble): Promise<void> {
    const began = performance.now();
    await this.#restart();
    const kinds = new Set<string>();
    for (const { sequence, run } of made) {
      if (this.#ended() !== null) break;
      const sight = await hunt.trouble(sequence, this.#files);
      if (sight === null) continue;
      kinds.add(sight.kind);
      const culprit = await hunt.pursueTrouble(sequence, sight, run, this.#files, () => this.#restart());
      if (culprit !== null) this.#avoided.add(culprit);
      await this.#restart();
    }
    this.#small += performance.now() - began;
    // It does not show again: what was said is all that there is.
    if (complaint === null || kinds.has(complaint.kind)) return;
    hunt.add({
      is: 'console',
      kind: complaint.kind,
      real: complaint.excerpt,
      console: complaint.excerpt,
      sequence: made.length === 1 ? (made[0]?.sequence ?? []) : [],
      run: made[0]?.run ?? this.#runs,
    });
  }

  /** A run behind which the target is not as before. */
  async #alone(subject: Subject, hunt: Hunt, made: Made): Promise<void> {
    if (this.#ended() !== null) return;
    const [settled] = await Promise.allSettled([this.#target.run(made.sequence)]);
    const ran = settled?.status === 'fulfilled' ? settled.value : null;
    const complaint = complaintIn(await this.#target.console());
    if (ran === null || ran.end !== 'ok' || complaint !== null)
      return this.#oneByOne([made], hunt, { complaint });
    await this.#restart();
    await this.#take(subject, hunt, made, ran);
  }

  async #take(subject: Subject, hunt: Hunt, made: Made | undefined, ran: Ran): Promise<void> {
    if (made === undefined) return;
    const { sequence, run, alone } = made;
    const { sights, checked, outcomes } = subject.judge(ran);
    this.#calls += checked;
    this.#steps += sequence.length;
    for (const { what } of outcomes) this.#count(what);
    if (!alone && subject.continues(sequence)) this.#corpus.take(sequence, outcomes);
    const began = performance.now();
    for (const sight of sights) await hunt.pursue(sequence, sight, run, alone ? () => this.#restart() : null);
    this.#small += performance.now() - began;
  }

  #count(outcome: string): void {
    const space = outcome.indexOf(' ');
    const [command, errno] = [outcome.slice(0, space), outcome.slice(space + 1)];
    const counts = this.#coverage.get(command) ?? new Map<string, number>();
    counts.set(errno, (counts.get(errno) ?? 0) + 1);
    this.#coverage.set(command, counts);
  }

  #generate(subject: Subject, run: number): Made {
    const random = fc.sample(fc.noShrink(fc.infiniteStream(fc.nat(0x7fff_fffe))), {
      seed: runSeed(this.#options.seed, 'live', run),
      numRuns: 1,
    })[0];
    const draw: Draw = (bound) => (bound <= 1 ? 0 : Number(random?.next().value ?? 0) % bound);
    const shunned = { commands: this.#avoided, left: this.#left };
    const sequence = subject.generate(shunned, this.#corpus.draw(draw), draw);
    const leaves = subject.leavesBehind(sequence);
    if (leaves !== null) this.#left.add(kindOfLeft(leaves));
    return { sequence, run, alone: leaves !== null };
  }

  async #measure(): Promise<void> {
    await this.#target.console();
    this.#files = await this.#filesNow();
  }

  /** Files that are open when nothing runs; a file that is being closed is given a moment. */
  async #filesNow(): Promise<number> {
    let least = (await this.#target.run([])).files;
    for (let tries = 0; tries < 3 && least > this.#files && this.#files >= 0; tries++)
      least = Math.min(least, (await this.#target.run([])).files);
    return least;
  }

  async #restart(): Promise<void> {
    this.#restarts++;
    this.#inARow++;
    if (this.#inARow > MOST_RESTARTS) throw new TargetLost(`${MOST_RESTARTS} restarts in a row did not help`);
    await this.#target.reset();
    this.#inARow = 0;
    await this.#measure();
  }

  #tell(shrinking: string | null): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.#show({
      runs: this.#runs,
      calls: this.#calls,
      seconds,
      found: this.#hunt?.findings.length ?? 0,
      shrinking,
    });
  }

  #report(
    { summary, platform, meta, setups }: Described,
    hunt: Hunt,
    ended: LiveReport['ended'],
  ): LiveReport {
    const commands = [...this.#coverage].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      target: summary,
      platform,
      meta,
      setups,
      seed: this.#options.seed,
      runs: this.#runs,
      steps: this.#steps,
      calls: this.#calls,
      seconds: (performance.now() - this.#began) / 1000,
      smallSeconds: this.#small / 1000,
      findings: hunt.findings,
      coverage: Object.fromEntries(
        commands.map(([command, counts]) => [command, Object.fromEntries([...counts].sort())]),
      ),
      restarts: this.#restarts,
      avoided: [...this.#avoided].sort(),
      corpus: this.#corpus.size,
      ended,
    };
  }
}
