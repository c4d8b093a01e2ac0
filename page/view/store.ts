import { computed, signal } from '@preact/signals';
import { oneLine, thrownText } from '../../checker/outside/text.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { MAX_TRACE_LENGTH } from '../../checker/trace/limits.ts';
import { CommandError } from '../../model/door.ts';
import { indexOf } from '../gallery/search.ts';
import { type Address, addressText, GALLERY, readAddress } from '../link/address.ts';
import { hashOf, type Shown, shownAt, shownFile } from '../session/shown.ts';
import { embeddedGallery, embeddedGiven } from './embedded.ts';

/*
 * What the page shows and what changes it. One value each; everything else is computed from them.
 */

export const gallery = embeddedGallery();
export const index = indexOf(gallery);

export const address = signal<Address>(GALLERY);
/** The run of an address that has one. */
export const shown = signal<Shown | null>(null);
/** One line that says what could not be done; null: nothing. */
export const problem = signal<string | null>(null);
/** One line that says what was done. */
export const notice = signal<string | null>(null);

export const session = computed(() => shown.value?.session ?? null);

/** Does something; what cannot be done is said in the words of the command line. */
export function trying(action: () => void): void {
  try {
    action();
    problem.value = null;
  } catch (error) {
    problem.value = `nestcheck: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof CommandError) return oneLine(error.message);
  return `internal error: ${thrownText(error)} (this is a bug in nestcheck)`;
}

/** Shows what the address of the document says. */
export function readLocation(): void {
  trying(() => {
    const next = readAddress(location.hash);
    if (next.kind === 'trace' || next.kind === 'run') {
      if (shown.value !== null && hashOf(shown.value) === addressText(next)) return;
      shown.value = shownAt(next, gallery.traces);
    } else shown.value = null;
    address.value = next;
  });
}

/** Shows what the document was made for, or what its address says. */
export function start(): void {
  const given = embeddedGiven();
  if (given !== null && location.hash === '') trying(() => show(shownFile(given.name, given.text)));
  else readLocation();
}

/** Goes to an address, from which the browser can go back. */
export function visit(next: Address): void {
  location.hash = addressText(next);
}

/** Shows a run, as a place of its own in the browser's history. */
export function show(next: Shown): void {
  shown.value = next;
  history.pushState(null, '', hashOf(next));
  address.value = readAddress(location.hash);
  notice.value = null;
}

/** Goes on in the run that is shown: the address follows, the history does not. */
export function update(change: (before: Shown) => Shown): void {
  trying(() => {
    const before = shown.value;
    if (before === null) return;
    shown.value = change(before);
    notice.value = null;
    followAddress();
  });
}

let following: ReturnType<typeof setTimeout> | undefined;

/** The address is written when nothing more happens: packing it is not part of a step. */
function followAddress(): void {
  clearTimeout(following);
  following = setTimeout(() => {
    const now = shown.value;
    if (now !== null) history.replaceState(null, '', hashOf(now));
  }, 150);
}

/** The whole address of what is shown, now. */
export function linkNow(): string {
  const now = shown.value;
  if (now !== null) history.replaceState(null, '', hashOf(now));
  return location.href;
}

/** Opens a file that the reader has chosen, or dropped. */
export async function openFile(file: File): Promise<void> {
  // The reader's bytes are at most four for a character.
  const tooLong = file.size > 4 * MAX_TRACE_LENGTH;
  let text: string | null = null;
  try {
    if (!tooLong) text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    text = null;
  }
  trying(() => {
    if (tooLong) throw new UsageError(`${file.name}: expected at most ${4 * MAX_TRACE_LENGTH} bytes`);
    if (text === null) throw new UsageError(`${file.name}: expected UTF-8 text`);
    show(shownFile(file.name, text));
  });
}
