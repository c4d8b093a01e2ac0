import type { ArgValue, Call } from '../../model/call.ts';
import { COMMANDS, isCommandName } from '../../model/commands.ts';
import { ACTOR_EXPECTATION, isActor } from '../../spec/command/actor.ts';
import type { Argument } from '../../spec/command/argument.ts';
import { expectation } from '../../spec/command/fits.ts';
import { unknownText } from '../select/by-name.ts';
import { isModulePath } from '../select/module-path.ts';
import { MAX_STEPS } from '../trace/limits.ts';
import { isName, readArg } from '../trace/values.ts';
import { expectBound } from './bound.ts';
import { ScriptError } from './error.ts';
import { openBrackets, splitTop } from './split.ts';
import { unknownNamesText } from './unknown-names.ts';
import { wordsOfText } from './words.ts';

/** A sequence written by hand, or pasted from what `replay` and `run` print. */
export interface Script {
  readonly scope: string | null;
  /** `kernel=linux-7.2` */
  readonly designs: readonly string[];
  /** Modules by path, with the names of what they bring along, or an empty text: whoever runs it says that they may be run. */
  readonly modules: Readonly<Record<string, string>>;
  /** Settings of the platform: `smmu0.IDR1.SSIDSIZE=0`. */
  readonly set: readonly string[];
  /** What the platform file is called with which it was printed. */
  readonly platform: string | null;
  readonly defects: readonly string[];
  readonly calls: readonly Call[];
  /** The line that each call stands on, counted from 1. */
  readonly lines: readonly number[];
}

/** A line that belongs together, joined. */
interface Logical {
  readonly text: string;
  readonly line: number;
}

/** What ends a printed trace, or stands above it. */
const PRINTED =
  /^(?:violates |costs |=> |Replays exactly|Drifts\.|Nothing is violated|Violated|[\w./…-]+\.json$|.* has been changed since the trace was recorded\.$)/;

/** A step, with its number where it was pasted. */
const STEP = /^\s*(?:\d+[.)]?\s+)?([a-z]+(?::\S+)?)\s+([A-Za-z]\w*)\s*(.*)$/;

/**
 * Reads a script, each name of which is given by a step before it is used.
 * @throws ScriptError
 */
export function readScript(text: string, given: Iterable<string> = []): Script {
  const script = parseScript(text);
  expectBound(script, given);
  return script;
}

/**
 * Reads a script or a part of one. A line is a comment (`#`), says where (`scope one-smmu, kernel=linux-7.2`; `design …`; `defect …`), or
 * is a step: `vmm:vm0 ioasAlloc fd=iommufd0 as ioas0`. What `replay` prints can be given as it is: answers name what a
 * step made, what changed and what was violated are passed over.
 * @throws ScriptError
 */
export function parseScript(text: string): Script {
  const script = {
    scope: null as string | null,
    designs: [] as string[],
    modules: {} as Record<string, string>,
    set: [] as string[],
    platform: null as string | null,
    defects: [] as string[],
    calls: [] as Call[],
    lines: [] as number[],
  };
  for (const { text: line, line: number } of logicalLines(text)) {
    const fail = (message: string): never => {
      throw new ScriptError(message, number);
    };
    const [, word = '', rest = ''] = /^(scope|design|defect|platform|set)\s+(.*)$/.exec(line) ?? [];
    if (word !== '') {
      directive(word, rest, script);
      continue;
    }
    if (/^\s*\d+-\d+\s/.test(line))
      fail('expected a step; these steps were folded, and their arguments are not there');
    if (script.calls.length === MAX_STEPS) fail(`expected at most ${MAX_STEPS} steps`);
    script.calls.push(readStep(line, fail));
    script.lines.push(number);
  }
  return script;
}

function directive(word: string, rest: string, script: Writable<Script>): void {
  const parts = rest.split(',').map((part) => part.trim());
  const [first = '', ...others] = parts;
  switch (word) {
    case 'scope':
      script.scope = first;
      for (const each of others) {
        const [, kind = 'design', value = each] = /^(defect|platform|set)\s+(.*)$/.exec(each) ?? [];
        // What is proved of the trace's length is no part of what it is.
        if (kind !== 'design' || value.includes('=')) directive(kind, value, script);
      }
      break;
    case 'platform':
      script.platform = first;
      break;
    case 'set':
      script.set.push(...parts);
      break;
    case 'defect':
      script.defects.push(...parts);
      break;
    default: {
      const [, path = rest.trim(), names = ''] = /^([^=]*)=(.*)$/.exec(rest.trim()) ?? [];
      if (isModulePath(path)) script.modules[path] = names.replaceAll('+', ',');
      else script.designs.push(rest.trim());
    }
  }
}

type Writable<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[]
    ? E[]
    : T[K] extends Readonly<Record<string, string>>
      ? Record<string, string>
      : T[K];
};

/** Physical lines joined to what belongs together, without comments and without what is only printed. */
function logicalLines(text: string): readonly Logical[] {
  const lines: { text: string; line: number }[] = [];
  /** What an indented line would continue. */
  let open: { text: string; line: number } | null = null;
  for (const [at, physical] of text.split(/\r?\n/).entries()) {
    const line = physical.replace(/(?:^|\s)#.*$/, '').trimEnd();
    const isPasted = /^\s*\d+[.)]?\s+[a-z]+(?::\S+)?\s+[A-Za-z]\w*\(/.test(line);
    if (line.trim() === '') continue;
    if (/^\s/.test(line) && !isPasted && open !== null) {
      const part = line.trim();
      if (openBrackets(open.text) > 0 || /^(?:->|= )/.test(part) || open.text.startsWith('scope '))
        open.text += ` ${part}`;
      // Indented lines under a pasted step say what it did.
      continue;
    }
    if (PRINTED.test(line)) {
      open = { text: '', line: 0 };
      continue;
    }
    const logical = { text: line, line: at + 1 };
    lines.push(logical);
    open = isPasted || openBrackets(line) > 0 || line.startsWith('scope ') ? logical : null;
  }
  return lines;
}

type Fail = (message: string) => never;

function readStep(line: string, fail: Fail): Call {
  const [, actor = '', command = '', rest = ''] = STEP.exec(line) ?? [];
  if (actor === '')
    return fail("expected a step such as 'vmm:vm0 ioasAlloc fd=iommufd0 as ioas0', or scope, design, defect");
  if (!isActor(actor)) return fail(`'${actor}': expected ${ACTOR_EXPECTATION}`);
  if (!isCommandName(command)) return fail(unknownText('command', command, Object.keys(COMMANDS)));
  const { inside, behind } = partsOf(rest, fail);
  const args: Record<string, ArgValue> = {};
  for (const part of inside) {
    const at = part.indexOf('=');
    const [name, text] = at < 0 ? [part, 'true'] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    const known = COMMANDS[command].args;
    const argument = Object.hasOwn(known, name) ? known[name] : undefined;
    if (argument === undefined) return fail(unknownText(`argument of ${command}`, name, Object.keys(known)));
    if (Object.hasOwn(args, name)) return fail(`${command}: ${name} is given twice`);
    args[name] = argValue(`${command}: ${name}`, argument, text, fail);
  }
  const { dataLen, data } = args;
  // An entry by name has all its words; without a count, what is passed is as long as the call says, or as usual.
  if (
    command === 'hwptAlloc' &&
    Array.isArray(data) &&
    inside.some((part) => /^data\s*=\s*STE(?!.*\/\d+$)/.test(part))
  )
    args.data = data.slice(0, typeof dataLen === 'number' ? Math.ceil(dataLen / 8) : 2);
  const as = nameOf(behind, command, fail);
  return as === null ? { actor, command, args } : { actor, command, args, as };
}

/** The arguments, in brackets or not, and what stands behind them. */
function partsOf(rest: string, fail: Fail): { readonly inside: readonly string[]; readonly behind: string } {
  if (!rest.startsWith('(')) {
    const [, given = '', behind = ''] = /^(.*?)(?:(?:^|\s)((?:as\s|->|=\s).*))?$/.exec(rest) ?? [];
    return { inside: splitTop(given, ' ').flatMap((part) => splitTop(part, ',')), behind };
  }
  let depth = 0;
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '(') depth++;
    else if (rest[at] === ')') depth--;
    if (depth === 0) return { inside: splitTop(rest.slice(1, at), ','), behind: rest.slice(at + 1).trim() };
  }
  return fail('expected ) behind the arguments');
}

function argValue(what: string, argument: Argument, text: string, fail: Fail): ArgValue {
  if (argument.kind === 'words') {
    const words = wordsOfText(text);
    if (typeof words === 'string') return fail(`${what}: ${words}`);
    return (
      readArg(argument, words === null ? null : words.map((word) => `0x${word.toString(16)}`)) ??
      fail(`${what}: expected ${expectation(argument)}`)
    );
  }
  const value = readArg(argument, jsonOf(argument, text));
  const unknown = unknownNamesText(what, argument, text);
  if (unknown !== null) return fail(unknown);
  return value ?? fail(`${what}: expected ${expectation(argument)}`);
}

/** What the text stands for in a trace's JSON. */
function jsonOf(argument: Argument, text: string): unknown {
  if (argument.kind === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
  if (argument.kind === 'handle' && /^-?(?:\d+|0x[0-9a-f]+)$/i.test(text)) return Number(text);
  return text;
}

/** The name for what the step makes: `as ioas0`, `= ioas0`, or that in a printed answer, `-> ok ioas0=2`. */
function nameOf(behind: string, command: keyof typeof COMMANDS, fail: Fail): string | null {
  const [, given] = /^(?:as|=)\s+(\S+)/.exec(behind) ?? [];
  const { binds } = COMMANDS[command];
  if (given !== undefined) {
    if (binds.length === 0) return fail(`${command} makes nothing that could have a name`);
    return isName(given)
      ? given
      : fail(`'${given}': expected a name: letters, digits, _ and -, with dots between`);
  }
  const [, printed = ''] = /->\s+ok\s+(.*)$/.exec(behind) ?? [];
  const names = splitTop(printed, ' ').map((part) => part.split('=', 1)[0] ?? '');
  if (binds.length === 0 || names.some((name) => binds.some(({ out }) => out === name))) return null;
  const [first] = names;
  return first !== undefined && isName(first) ? first : null;
}
