import { sameKind } from './compare.ts';
import { complaintIn, endOf } from './console.ts';
import type { Chance, Finding, FindingKind } from './finding.ts';
import type { Sight } from './judge.ts';
import { isRacing, RACE_RUNS, wholeRaces } from './race.ts';
import { type Shrunk, shrink } from './shrink.ts';
import type { LiveSequence } from './step.ts';
import type { Subject } from './subject.ts';
import { type Ran, type Target, TargetLost } from './target.ts';
import { TroubleTried } from './trouble.ts';

/** How long one finding may be made smaller: longer where nobody knows it yet. */
const SHRINK_MS = { unnamed: 120_000, named: 20_000 } as const;

/** Restarts that finding out which sequence brings a target down may cost. */
const SHRINK_RESTARTS = 40;

/** Runs of one race that are sent together. */
const RACES_TOGETHER = 4;

/** Something that a run showed, to be made small. */
interface Seen {
  readonly sequence: LiveSequence;
  readonly sight: Sight;
  readonly run: number;
  readonly restart: (() => Promise<void>) | null;
}

/** What was found, and how each thing is made small on the target. */
export class Hunt {
  readonly #target: Target;
  readonly #subject: Subject;
  readonly #hasTime: () => boolean;
  readonly #tell: (what: string | null) => void;
  readonly #found = new Map<string, Finding>();
  /** Kinds that showed in a race, and by which name they are known since they were made small. */
  readonly #smaller = new Map<string, string>();
  readonly #later: Seen[] = [];

  constructor(target: Target, subject: Subject, hasTime: () => boolean, tell: (what: string | null) => void) {
    this.#target = target;
    this.#subject = subject;
    this.#hasTime = hasTime;
    this.#tell = tell;
  }

  readonly #possible = (sequence: LiveSequence): boolean => this.#subject.possible(sequence);

  /** Possible, and what comes behind it finds the target as before. */
  readonly #isClean = (sequence: LiveSequence): boolean =>
    this.#possible(sequence) && this.#subject.leavesBehind(sequence) === null;

  get findings(): readonly Finding[] {
    return [...this.#found.values()];
  }

  /** Something of which nothing more can be learned: what the console said is kept, and the sequence where it is known. */
  add(what: {
    readonly is: FindingKind;
    readonly kind: string;
    readonly real: string;
    readonly console: string;
    readonly sequence: LiveSequence;
    readonly run: number;
  }): void {
    const known = this.#found.get(what.kind);
    this.#found.set(
      what.kind,
      known === undefined
        ? {
            ...{ name: null, command: '', model: '', ran: null, minimal: false, steady: false, count: 1 },
            ...what,
          }
        : { ...known, console: known.console === '' ? what.console : known.console, count: known.count + 1 },
    );
  }

  /**
   * Something that a run's answers show: counted if it was seen before. What nobody knows yet is run again and made small at
   * once; what has a name waits for that until the search is over. With `restart`, a run leaves the target other than it was:
   * candidates are then run on the model, and the smallest on the target.
   */
  async pursue(
    sequence: LiveSequence,
    sight: Sight,
    run: number,
    restart: (() => Promise<void>) | null = null,
  ): Promise<void> {
    const kind = this.#smaller.get(sight.kind) ?? sight.kind;
    const before = this.#found.get(kind);
    if (before !== undefined) {
      this.#found.set(kind, { ...before, count: before.count + 1 });
      return;
    }
    if (sight.is !== 'deviation' && sight.is !== 'promise')
      return this.#makeSmall({ sequence, sight, run, restart });
    this.#later.push({ sequence, sight, run, restart });
    const nothingYet = { ran: null, minimal: false, steady: false };
    this.#note(sight, { ...nothingYet, sequence: upTo(sequence, sight), run });
  }

  /** Makes small what has waited for it. */
  async finish(): Promise<void> {
    for (const seen of this.#later.splice(0)) {
      if (!this.#hasTime()) return;
      await this.#makeSmall(seen);
    }
  }

  async #makeSmall({ sequence, sight, run, restart }: Seen): Promise<void> {
    const { kind } = sight;
    this.#tell(kind);
    const cut = upTo(sequence, sight);
    const known = sight.is === 'deviation' || sight.is === 'promise';
    const onModel = restart !== null || (known && this.#subject.smallOnModel);
    const on = onModel ? this.#subject.model() : this.#target;
    if (onModel) await on.boot();
    const [again] = await this.#lengths([cut], kind, on);
    const steady = again != null;
    const until = performance.now() + SHRINK_MS[known ? 'named' : 'unnamed'];
    const goOn = () => this.#hasTime() && performance.now() < until;
    const least = steady
      ? await shrink(cut, {
          shows: (candidates) => this.#lengths(candidates, kind, on),
          possible: restart === null ? this.#isClean : this.#possible,
          goOn,
          together: this.#subject.together,
        })
      : { sequence: cut, minimal: false };
    const { sequence: smallest, minimal } = least;
    const { ran, shows, chance } = await this.#last(smallest, kind);
    await restart?.();
    // The smallest sequence says it most plainly.
    const told = shows ?? sight;
    if (told.kind !== kind) this.#smaller.set(kind, told.kind);
    this.#note(told, { sequence: smallest, minimal, ran, steady: steady && shows !== null, run }, chance);
    this.#tell(null);
  }

  /** The run of a sequence that is kept: one that shows what it is about, if there is one. A race is run often. */
  async #last(
    sequence: LiveSequence,
    kind: string,
  ): Promise<{ readonly ran: Ran; readonly shows: Sight | null; readonly chance: Chance | null }> {
    const showing = (ran: Ran) => this.#sights(ran).find((each) => sameKind(kind, each.kind)) ?? null;
    let ran = await this.#target.run(sequence);
    let shows = showing(ran);
    if (!isRacing(sequence)) return { ran, shows, chance: null };
    let shown = shows === null ? 0 : 1;
    for (let runs = 1; runs < RACE_RUNS; runs++) {
      const again = await this.#target.run(sequence);
      const sight = showing(again);
      if (sight !== null) shown++;
      if (sight !== null && shows === null) [ran, shows] = [again, sight];
    }
    return { ran, shows, chance: { shown, of: RACE_RUNS } };
  }

  #note(
    { is, kind, name, command, real, model, order }: Sight,
    known: Pick<Finding, 'sequence' | 'ran' | 'minimal' | 'steady' | 'run'>,
    chance: Chance | null = null,
  ): void {
    const count = this.#found.get(kind)?.count ?? 1;
    const race = { ...(order === undefined ? {} : { order }), ...(chance === null ? {} : { chance }) };
    this.#found.set(kind, { is, kind, name, command, real, model, ...known, ...race, console: '', count });
  }

  /** After how many steps each candidate shows a kind of thing; null: it does not. */
  async #lengths(
    candidates: readonly LiveSequence[],
    kind: string,
    on: Target,
  ): Promise<readonly (number | null)[]> {
    return Promise.all(candidates.map((candidate) => this.#length(candidate, kind, on)));
  }

  /** After how many steps it shows a kind of thing; of a race, whether one of many runs does. */
  async #length(candidate: LiveSequence, kind: string, on: Target): Promise<number | null> {
    const most = isRacing(candidate) ? RACE_RUNS : 1;
    for (let runs = 0; runs < most; runs += RACES_TOGETHER) {
      const count = Math.min(RACES_TOGETHER, most - runs);
      const all = await Promise.all(Array.from({ length: count }, () => on.run(candidate)));
      for (const ran of all) {
        const sight = this.#sights(ran).find((each) => sameKind(kind, each.kind));
        if (sight !== undefined) return wholeRaces(candidate, sight.steps);
      }
    }
    return null;
  }

  #sights(ran: Ran): readonly Sight[] {
    return this.#subject.judge(ran).sights;
  }

  /**
   * What a run does to the target beyond its answers; of a race, one of many runs; null: nothing. `files`: how many are open when
   * nothing runs.
   */
  async trouble(sequence: LiveSequence, files: number): Promise<Sight | null> {
    for (let runs = isRacing(sequence) ? RACE_RUNS : 1; runs > 0; runs--) {
      const seen = await this.#troubleOf(sequence, files);
      if (seen !== null) return seen;
    }
    return null;
  }

  async #troubleOf(sequence: LiveSequence, files: number): Promise<Sight | null> {
    const sight = (is: FindingKind, kind: string, real: string, console: string): Sight => ({
      ...{ is, kind, real, name: null, command: '', model: '', steps: sequence.length },
      ...(console === '' ? {} : { console }),
    });
    let said = '';
    try {
      const ran = await this.#target.run(sequence);
      said = await this.#target.console();
      const complaint = complaintIn(said);
      if (complaint !== null) return sight('console', complaint.kind, complaint.excerpt, complaint.excerpt);
      const hang = this.#sights(ran).find(({ is }) => is === 'hang');
      if (hang !== undefined) return said === '' ? hang : { ...hang, console: endOf(said) };
      let after = (await this.#target.run([])).files;
      for (let tries = 0; tries < 3 && files >= 0 && after > files; tries++)
        after = (await this.#target.run([])).files;
      if (files >= 0 && after > files)
        return sight('leak', 'leak', `${after - files} files stay open after all was closed`, endOf(said));
      return null;
    } catch (error) {
      if (!(error instanceof TargetLost)) throw error;
      said += await this.#target.console();
      const complaint = complaintIn(said);
      if (complaint !== null) return sight('console', complaint.kind, complaint.excerpt, complaint.excerpt);
      return sight('lost', `lost ${error.message}`, error.message, endOf(said));
    }
  }

  /**
   * Makes a sequence that does something to the target small; gives the command that is best not made any more: without it, the
   * rest of the search would only find this again. Each candidate that does it costs a restart, but where the kernel complains
   * anew every time and answers on: what is then found small is seen once more on a fresh target, or is made small with restarts.
   */
  async pursueTrouble(
    sequence: LiveSequence,
    sight: Sight,
    run: number,
    files: number,
    restart: () => Promise<void>,
  ): Promise<string | null> {
    const known = this.#found.get(sight.kind);
    if (known !== undefined) {
      this.#found.set(sight.kind, { ...known, count: known.count + 1 });
      return culpritOf(known.sequence);
    }
    this.#tell(sight.kind);
    const tried = new TroubleTried(sight, (candidate) => this.trouble(candidate, files), restart);
    const steady = await tried.onFresh(sequence);
    const inPlace =
      steady && (await tried.again(sequence)) ? await this.#smallestTrouble(sequence, tried, false) : null;
    const isShown = inPlace !== null && (await tried.onFresh(inPlace.sequence));
    const least = isShown
      ? inPlace
      : steady
        ? await this.#smallestTrouble(sequence, tried, true)
        : { sequence, minimal: false };
    this.#found.set(sight.kind, {
      ...sight,
      sequence: least.sequence,
      ran: null,
      minimal: least.minimal,
      steady,
      console: tried.excerpt,
      run,
      count: 1,
    });
    this.#tell(null);
    return steady ? culpritOf(least.sequence) : null;
  }

  #smallestTrouble(sequence: LiveSequence, tried: TroubleTried, restarts: boolean): Promise<Shrunk> {
    return shrink(sequence, {
      shows: (candidates) => tried.lengths(candidates, restarts),
      possible: this.#isClean(sequence) ? this.#isClean : this.#possible,
      goOn: () => this.#hasTime() && tried.restarts < SHRINK_RESTARTS,
      together: this.#subject.together,
    });
  }
}

/** A sequence as far as the step that shows something. */
function upTo(sequence: LiveSequence, { steps }: Sight): LiveSequence {
  return sequence.slice(0, wholeRaces(sequence, Math.max(steps, 1)));
}

/** Commands that every sequence needs: to leave them out would end the search. */
const NEEDED: ReadonlySet<string> = new Set([
  'openIommufd',
  'openCdev',
  'vfioBind',
  'ioasAlloc',
  'hwptAlloc',
  'vfioAttach',
  'ioasMap',
  'close',
]);

/** The last command of a sequence that a search can do without. */
function culpritOf(sequence: LiveSequence): string | null {
  const commands = sequence.flatMap((step) => (step.kind === 'call' ? [step.call.command] : []));
  return commands.filter((command) => !NEEDED.has(command)).at(-1) ?? null;
}
