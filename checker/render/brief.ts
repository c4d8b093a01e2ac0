import { type Call, resolveCall } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Effect, Result } from '../../model/world/result.ts';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { decode, nameOfValue } from '../../spec/bits.ts';
import { type IdRegisterName, idRegisters } from '../../spec/smmuv3/id-registers.ts';
import { changesText } from '../../workload/scopes/platform-changes.ts';
import { Execution } from '../run.ts';
import type { Trace } from '../trace/trace.ts';
import { NOTHING } from '../watch.ts';
import { type Change, changes, pathText, valueText } from './changes.ts';
import { tellEffect } from './effects.ts';
import { ObjectNames } from './names.ts';
import type { Drawing } from './text.ts';
import { underWords } from './under.ts';
import { callText, outText } from './values.ts';

/** The widest line that survives being quoted in a mail. */
export const BRIEF_WIDTH = 72;

/** Lines of steps; where there would be more, runs of calls by one VMM are folded. */
const MOST_LINES = 16;

/** Leaves of the last step that are shown. */
const MOST_LEAVES = 4;

/** A step as the brief form needs it. */
interface BriefStep {
  readonly call: Call;
  readonly result: Result;
  readonly effects: readonly Effect[];
}

/**
 * A trace for a mail: at most 72 columns and about 20 lines. Each step has a line with its answer where that is not plain
 * success; calls that a step made a VMM make are one line; last what is violated, and the leaves of the state that this
 * is about, decoded. `renderText` has all of it.
 */
export function renderBrief(trace: Trace, { scope, rules, property }: Drawing): string {
  const execution = new Execution({ scope, rules }, NOTHING);
  const names = new ObjectNames();
  let leaves: readonly Change[] = [];
  const steps = trace.steps.map(({ result: _, ...call }): BriefStep => {
    const { world, bindings } = execution;
    const { result, effects } = execution.apply(call);
    names.add(call, resolveCall(call, bindings), result, execution.world);
    leaves = changes(world, execution.world);
    return { call, result, effects };
  });
  const all = steps.flatMap((step, index) => stepLines(step, numbered(index + 1, steps.length)));
  const lines = all.length <= MOST_LINES ? all : foldedLines(steps);
  if (trace.property === null) return [headline(trace), ...lines].join('\n');
  const sentence = property === null ? '' : ` ${property.sentence}`;
  return [
    headline(trace),
    ...lines,
    ...fill(`${property?.wish === true ? 'costs' : 'violates'} ${trace.property}:${sentence}`, 2),
    ...fill(`=> ${trace.violation}`, 3),
    ...leavesAbout(leaves, trace.violation ?? '', names).map((leaf) => clipped(`   ${leaf}`)),
  ].join('\n');
}

/** Where it is: the scope, and what differs from the intended design. */
function headline({ scope, platform, design, defects, guarantee }: Trace): string {
  const chosen = Object.fromEntries(
    Object.entries(design).filter(([axis, value]) => STANDARD[axis] !== value),
  );
  const parts = [
    `scope ${scope}`,
    ...changesText(platform),
    ...underWords({ design: chosen, defects }),
    ...(guarantee === null ? [] : [guarantee]),
  ];
  return fill(parts.join(', '), 2).join('\n');
}

/** What a trace says of an axis on which nothing was chosen. */
const STANDARD: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  DESIGN_AXES.map(({ name, values }) => [name, values[0]?.name]),
);

function numbered(at: number, of: number): string {
  return String(at).padStart(String(of).length);
}

/** A step: who, what, and how it was answered where that is not plain success; under it what others had to do. */
function stepLines({ call, result, effects }: BriefStep, number: string): readonly string[] {
  const head = `${number}  ${call.actor}  `;
  return [
    ...fill(`${head}${callText(call)}${answerText(call, result)}`, head.length + 2),
    ...effectLines(effects).flatMap((line) => fill(`${' '.repeat(head.length)}${line}`, head.length + 2)),
  ];
}

function answerText(call: Call, result: Result): string {
  const made = call.as === undefined || !result.ok ? [] : COMMANDS[call.command].binds.map(({ out }) => out);
  const rest = Object.entries(result.out)
    .filter(([out, value]) => !made.includes(out) && !(Array.isArray(value) && value.length === 0))
    .map(([out, value]) => ` ${out}=${outText(call, out, value)}`)
    .join('');
  if (!result.ok) return ` -> ${result.errno}${rest}`;
  const name = made.length === 0 ? '' : ` = ${call.as}`;
  return rest === '' ? name : `${name} ->${rest}`;
}

/** What a VMM called, in one line; what was refused or reported, each in one. */
function effectLines(effects: readonly Effect[]): readonly string[] {
  const called = effects.filter((effect) => effect.kind === 'vmmCall');
  const failed = called.filter(({ result }) => !result.ok);
  const told = effects.filter(({ kind }) => TOLD.has(kind)).map((effect) => tellEffect(effect).text);
  if (called.length === 0) return told;
  const names = runsOf(called.map(({ command, result }) => markOf(command.command, result)));
  const calls = failed.length === 0 ? `VMM: ${names}` : `VMM: ${names} (! failed)`;
  return [calls, ...told];
}

/** Effects that say something to a reader who does not look for it. */
const TOLD: ReadonlySet<Effect['kind']> = new Set<Effect['kind']>([
  'vmmRefusal',
  'eventLost',
  'vevent',
  'hostEvent',
  'translationBlocked',
  'moved',
  'pasidSet',
  'pasidRemoved',
]);

function markOf(name: string, result: Result): string {
  return result.ok ? name : `${name}! ${result.errno}`;
}

/** `ioasMap x3, hwptAlloc` */
function runsOf(names: readonly string[]): string {
  const runs: { name: string; times: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.name === name) last.times++;
    else runs.push({ name, times: 1 });
  }
  return runs.map(({ name, times }) => (times === 1 ? name : `${name} x${times}`)).join(', ');
}

/** The steps with runs of calls by one VMM folded to a line each; the last step is never among them. */
function foldedLines(steps: readonly BriefStep[]): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < steps.length; ) {
    const actor = steps[at]?.call.actor ?? '';
    let end = at;
    while (isFolded(actor) && end < steps.length - 1 && steps[end]?.call.actor === actor) end++;
    if (end - at < 2) {
      lines.push(
        ...steps.slice(at, at + 1).flatMap((step) => stepLines(step, numbered(at + 1, steps.length))),
      );
      at++;
      continue;
    }
    const head = `${at + 1}-${end}  ${actor}  `;
    const names = runsOf(steps.slice(at, end).map(({ call, result }) => markOf(call.command, result)));
    lines.push(...fill(head + names, head.length + 2));
    at = end;
  }
  return lines;
}

function isFolded(actor: string): boolean {
  return actor.startsWith('vmm:');
}

/** The leaves whose words the violation has too, most first. */
function leavesAbout(leaves: readonly Change[], violation: string, names: ObjectNames): readonly string[] {
  const words = new Set(violation.split(/[^\w-]+/).filter((word) => word.length > 1 || /\d/.test(word)));
  const ranked = leaves
    .filter(({ path }) => path[0] !== 'processes' && path[0] !== 'files')
    .map((leaf) => ({ texts: leafTexts(leaf, names), score: scoreOf(leaf, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  return ranked.flatMap(({ texts }) => texts).slice(0, MOST_LEAVES);
}

function scoreOf({ path, after }: Change, words: ReadonlySet<string>): number {
  // A register is decoded, and says in a few words what a whole object says in many.
  if (isIdRegister(path.at(-1))) return words.size + 1;
  const own = `${path.join(' ')} ${typeof after === 'object' ? valueText(after) : String(after)}`;
  return new Set(own.split(/[^\w-]+/).filter((word) => words.has(word))).size;
}

function leafTexts({ path, before, after }: Change, names: ObjectNames): readonly string[] {
  const object = names.resolve(path);
  const where = object === null ? pathText(path) : pathText([object.name, ...object.rest]);
  const register = path.at(-1);
  if (typeof before === 'number' && typeof after === 'number' && isIdRegister(register)) {
    return fieldsThatDiffer(register, before, after).map((text) => `${pathText(path.slice(0, -1))}: ${text}`);
  }
  if (before === undefined || before === null) return [`+ ${where}: ${valueText(after)}`];
  if (after === undefined || after === null) return [`- ${where}: ${valueText(before)}`];
  return [`${where}: ${valueText(before)} -> ${valueText(after)}`];
}

function isIdRegister(name: string | number | undefined): name is IdRegisterName {
  return typeof name === 'string' && Object.hasOwn(idRegisters, name);
}

/** `IDR5.OAS 44 -> 48`, for each field. */
function fieldsThatDiffer(register: IdRegisterName, before: number, after: number): readonly string[] {
  const of = idRegisters[register];
  const [old, now] = [before, after].map(
    (word) => decode(of, [BigInt(word)]) as Readonly<Record<string, number | bigint>>,
  );
  return of.plan.flatMap(({ name }) => {
    const [was, is] = [old?.[name], now?.[name]];
    if (was === undefined || is === undefined || was === is) return [];
    const field = of.fields[name as keyof typeof of.fields];
    const [from, to] = [was, is].map((value) => {
      const word = typeof value === 'number' ? nameOfValue(field, value) : undefined;
      return word?.replace(/^Bits/, '') ?? String(value);
    });
    return [`${register}.${name} ${from} -> ${to}`];
  });
}

/** Cuts a line that is wider than a mail allows. */
function clipped(line: string): string {
  return line.length <= BRIEF_WIDTH ? line : `${line.slice(0, BRIEF_WIDTH - 1)}…`;
}

/** Breaks a text at spaces so that no line is wider than a mail allows; a word that is wider is broken itself. */
function fill(text: string, indent: number): readonly string[] {
  const margin = ' '.repeat(Math.min(indent, BRIEF_WIDTH / 2));
  const lines: string[] = [];
  let rest = text;
  while (rest.length > BRIEF_WIDTH) {
    const space = rest.lastIndexOf(' ', BRIEF_WIDTH);
    const cut = space > margin.length ? space : BRIEF_WIDTH;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = margin + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
