import type { GalleryTrace } from '../../checker/pages/gallery-schema.ts';
import { inFile, UsageError } from '../../checker/select/usage-error.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import { traceFromText } from '../../checker/trace/read.ts';
import type { Guarantee } from '../../checker/trace/trace.ts';
import { readRunFile, runFile } from '../export/run-file.ts';
import { traceOf } from '../export/trace.ts';
import { type Address, addressText } from '../link/address.ts';
import { pack, unpack } from '../link/packed.ts';
import { groundOf, isSaidBySteps } from './choice.ts';
import { type Outcome, openTrace } from './open.ts';
import { sameCall } from './same-call.ts';
import { beginWith, callsOf, goToDepth, pathOf, placeOf, type Session, wayTo } from './session.ts';

/** A run that is shown, and where it is from. */
export interface Shown {
  readonly session: Session;
  /** The committed trace that it began as; null: none. */
  readonly entry: GalleryTrace | null;
  /** The name of its file; null: it is from no file. */
  readonly file: string | null;
  /** Whether the trace still shows what it says; null: it is no trace. */
  readonly outcome: Outcome | null;
  readonly guarantee: Guarantee | null;
  /** Places that were there when it was opened: all others the reader made. */
  readonly given: number;
  /** The design that it is shown beside; null: none. */
  readonly beside: string | null;
}

/** @throws UsageError */
export function shownTrace(name: string, text: string, entry: GalleryTrace | null): Shown {
  const trace = traceFromText(name, text);
  const { session, outcome } = naming(name, () => openTrace(trace));
  return {
    session,
    entry,
    file: entry === null ? name : null,
    outcome,
    guarantee: trace.guarantee,
    given: session.places.length,
    beside: null,
  };
}

/** What a script, or a link with one in it, says. @throws UsageError */
export function shownScript(name: string, text: string, file: string | null): Shown {
  const { choice, calls } = readRunFile(name, text);
  const session = naming(name, () => beginWith(groundOf(choice), calls));
  return ownRun(session, file);
}

/** A run that is from no trace. */
export function ownRun(session: Session, file: string | null = null): Shown {
  const given = session.places.length;
  return { session, entry: null, file, outcome: null, guarantee: null, given, beside: null };
}

/** A file by what is in it: a trace is JSON, everything else is steps by hand. @throws UsageError */
export function shownFile(name: string, text: string): Shown {
  const isJson = text.trimStart().startsWith('{') || name.endsWith('.json');
  return isJson ? shownTrace(name, text, null) : shownScript(name, text, name);
}

/** Where an address of a run leads. @throws UsageError */
export function shownAt(
  address: Extract<Address, { readonly kind: 'trace' | 'run' }>,
  traces: readonly GalleryTrace[],
): Shown {
  const shown =
    address.kind === 'run'
      ? { ...shownFile('the link', unpack(address.packed)), file: null }
      : committed(address, traces);
  const session = address.at === null ? shown.session : goToDepth(shown.session, address.at);
  return { ...shown, session, beside: address.beside };
}

function committed(
  { folder, property }: Extract<Address, { readonly kind: 'trace' }>,
  traces: readonly GalleryTrace[],
): Shown {
  const entry = traces.find(({ name }) => name === `${folder}/${property}`);
  if (entry === undefined) throw new UsageError(`the link: there is no trace ${folder}/${property} here`);
  return shownTrace(`counterexamples/${entry.name}.json`, entry.text, entry);
}

/** The permanent address of what is shown: of the committed trace where it is still one, else of the run itself. */
export function addressOf({ session, entry, beside }: Shown): Address {
  const path = pathOf(session);
  const { depth } = placeOf(session);
  const at = depth === path.length - 1 ? null : depth;
  if (entry !== null && isAsGiven(session, entry)) {
    const [folder = '', property = ''] = entry.name.split('/', 2);
    return { kind: 'trace', folder, property, at, beside };
  }
  const { choice } = session.ground;
  // A trace carries what a file of steps cannot say.
  const text = isSaidBySteps(choice)
    ? runFile(choice, callsOf(path))
    : printTrace(traceOf({ ...session, at: session.tip }));
  const packed = pack(text);
  return { kind: 'run', packed, at, beside };
}

function isAsGiven(session: Session, { name, text }: GalleryTrace): boolean {
  const { steps } = traceFromText(name, text);
  const calls = callsOf(pathOf(session));
  return (
    calls.length === steps.length &&
    calls.every((call, at) => steps[at] !== undefined && sameCall(call, steps[at]))
  );
}

export function hashOf(shown: Shown): string {
  return addressText(addressOf(shown));
}

/** The way up to where the session is, for what is copied. */
export function wayOf(session: Session): ReturnType<typeof wayTo> {
  return wayTo(session, session.at);
}

function naming<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(inFile(name, null, error.message));
    throw error;
  }
}
