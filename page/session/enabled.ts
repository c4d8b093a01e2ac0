import { attempt } from '../../checker/attempt.ts';
import { callKey, callsByKind } from '../../checker/diff/alphabet.ts';
import { answerText } from '../../checker/render/told.ts';
import { callText } from '../../checker/render/values.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { type Call, resolveCall } from '../../model/call.ts';
import { readRunFile } from '../export/run-file.ts';
import type { Ground } from './choice.ts';
import type { Place } from './session.ts';

/** What an actor can do from a place. */
export interface ActorMenu {
  readonly actor: string;
  readonly commands: readonly CommandMenu[];
}

/** A command with the arguments that mean something there. */
export interface CommandMenu {
  readonly command: string;
  readonly forms: readonly Form[];
}

/** A call, and how it would be answered. */
export interface Form {
  readonly call: Call;
  readonly text: string;
  readonly ok: boolean;
  readonly answer: string;
  /** Whether anything would change. */
  readonly changes: boolean;
}

/** How often a command of one kind is made to know its forms: enough for each answer, not for each address. */
const DRAWS = 150;

/** Forms of one command that are listed; a call of any other form can be written. */
const MOST_FORMS = 24;

/** Forms of one command that are tried. */
const MOST_TRIED = 4 * MOST_FORMS;

/**
 * The calls that make sense from a place, by actor and command, with the answer that each would get: forms with an answer
 * that no other has come first. In pieces, each a moment's work: what is known so far, and at last all of it.
 */
export function* enabledAt({ scope, rules }: Ground, place: Place): Generator<readonly ActorMenu[]> {
  const { world, bindings } = place;
  const menus = new Map<string, Map<string, Form[]>>();
  const seen = new Set<string>();
  for (const { all } of callsByKind(scope, world, bindings, DRAWS)) {
    for (const call of all) {
      const key = callKey(call);
      const forms = formsFor(menus, call);
      if (seen.has(key) || forms.length >= MOST_TRIED) continue;
      seen.add(key);
      forms.push(formOf(call, attempt(world, resolveCall(call, bindings), rules), world));
    }
    yield sorted(menus);
  }
}

/** The same, as a whole. */
export function allEnabledAt(ground: Ground, place: Place): readonly ActorMenu[] {
  return [...enabledAt(ground, place)].at(-1) ?? [];
}

function formsFor(menus: Map<string, Map<string, Form[]>>, { actor, command }: Call): Form[] {
  const commands = menus.get(actor) ?? new Map<string, Form[]>();
  menus.set(actor, commands);
  const forms = commands.get(command) ?? [];
  commands.set(command, forms);
  return forms;
}

function sorted(menus: ReadonlyMap<string, ReadonlyMap<string, readonly Form[]>>): readonly ActorMenu[] {
  return [...menus]
    .map(([actor, commands]) => ({
      actor,
      commands: [...commands]
        .map(([command, forms]) => ({ command, forms: byAnswer(forms).slice(0, MOST_FORMS) }))
        .sort((a, b) => (a.command < b.command ? -1 : 1)),
    }))
    .sort((a, b) => (a.actor < b.actor ? -1 : 1));
}

function formOf(call: Call, done: ReturnType<typeof attempt>, before: Place['world']): Form {
  return {
    call,
    text: callText(call),
    ok: done.result.ok,
    answer: answerText(call, done.result),
    changes: done.world !== before,
  };
}

/** The first form of each answer, then the second of each, and so on; what succeeds first. */
function byAnswer(forms: readonly Form[]): readonly Form[] {
  const seen = new Map<string, number>();
  const ranked = forms.map((form) => {
    const kind = `${form.answer.split(' ', 1)[0]} ${form.changes}`;
    const rank = seen.get(kind) ?? 0;
    seen.set(kind, rank + 1);
    return { form, rank };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank || Number(b.form.ok) - Number(a.form.ok))
    .map(({ form }) => form);
}

/**
 * A call as it was written, `vmm:vm0 ioasAlloc fd=iommufd0 as ioas0`, with the answer that it would get from a place.
 * @throws UsageError where it is none.
 */
export function writtenAt({ rules }: Ground, { world, bindings }: Place, line: string): Form {
  const { calls } = readRunFile('the call', `scope any\n${line}`, Object.keys(bindings));
  const [call] = calls;
  if (call === undefined || calls.length > 1) throw new UsageError('the call: expected one call');
  return formOf(call, attempt(world, resolveCall(call, bindings), rules), world);
}
