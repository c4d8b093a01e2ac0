import { match, P } from 'ts-pattern';
import type { Call } from '../../model/call.ts';
import type { CommandName } from '../../model/world/command.ts';
import { printable } from '../outside/text.ts';
import type { Trace } from '../trace/trace.ts';
import type { ToldEffect } from './effects.ts';
import type { Drawing } from './text.ts';
import { type ToldStep, tell } from './told.ts';

/** Who can occur, in the order in which a diagram has them from left to right. */
const ORDER = ['operator', 'host', 'guest', 'VMM', 'iommufd', 'pSMMU', 'device'] as const;

type Role = (typeof ORDER)[number];

/** A participant of the diagram. */
interface Participant {
  readonly role: Role;
  /** Which one, where there can be several. */
  readonly which: string;
}

const IOMMUFD: Participant = { role: 'iommufd', which: '' };
const PSMMU: Participant = { role: 'pSMMU', which: '' };

/** A trace as a Mermaid sequence diagram: who did what to whom. */
export function renderMermaid(trace: Trace, drawing: Drawing): string {
  const occurring = new Map<string, Participant>();
  const by = (participant: Participant): string => {
    const id = participant.role + participant.which.replaceAll(/\W/g, '_');
    occurring.set(id, participant);
    return id;
  };
  const lines = tell(drawing.scope, drawing.rules, trace.steps).flatMap((told) => stepLines(told, by));
  const all = [...occurring].sort(([, a], [, b]) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  const participants = all.map(([id, { role, which }]) => {
    return `participant ${id} as ${escaped(which === '' ? role : `${role} ${which}`)}`;
  });
  const [first, last] = [all[0]?.[0], all.at(-1)?.[0]];
  const over = first === undefined || last === undefined || first === last ? first : `${first},${last}`;
  if (trace.violation !== null && over !== undefined)
    lines.push(`Note over ${over}: ${escaped(`${trace.property}: ${trace.violation}`)}`);
  return ['sequenceDiagram', ...participants, ...lines].join('\n  ');
}

type By = (participant: Participant) => string;

function stepLines({ call, text, answer, ok, effects }: ToldStep, by: By): readonly string[] {
  const from = actorOf(call.actor);
  const to = targetOf(call);
  const back =
    from.role === 'device' ? [] : [`${by(to)}${ok ? '-->>' : '--x'}${by(from)}: ${escaped(answer)}`];
  return [
    `${by(from)}->>${by(to)}: ${escaped(text)}`,
    ...effects.flatMap((effect) => effectLines(effect, call, by)),
    ...back,
  ];
}

function actorOf(actor: string): Participant {
  const [kind = '', which = ''] = actor.split(':', 2);
  return match<string, Participant>(kind)
    .with('vmm', () => ({ role: 'VMM', which }))
    .with(P.union('guest', 'device', 'operator', 'host'), (role) => ({ role, which }))
    .otherwise(() => ({ role: 'host', which: actor }));
}

/** What a guest writes into its own memory: nobody hears of it. */
const STORES: ReadonlySet<string> = new Set([
  'writeSte',
  'guestWriteCd',
  'guestWritePte',
  'writeContext',
  'writePasidEntry',
  'writeMapping',
] satisfies CommandName[]);

/** Whom a call goes to. */
function targetOf({ actor, args, command }: Call): Participant {
  const { role, which } = actorOf(actor);
  if (STORES.has(command)) return { role, which };
  return match<Role, Participant>(role)
    .with('guest', () => ({ role: 'VMM', which }))
    .with('operator', () => ({ role: 'VMM', which: typeof args.vm === 'string' ? args.vm : '' }))
    .with(P.union('device', 'host'), () => PSMMU)
    .otherwise(() => IOMMUFD);
}

function effectLines(effect: ToldEffect, call: Call, by: By): readonly string[] {
  if (effect.kind === 'remark') return [`Note over ${by(targetOf(call))}: ${escaped(effect.text)}`];
  const { from, to, text, answer } = effect;
  const [source, target] = [by(partyOf(from)), by(partyOf(to))];
  const line = `${source}->>${target}: ${escaped(text)}`;
  return answer === null
    ? [line]
    : [line, `${target}${answer.ok ? '-->>' : '--x'}${source}: ${escaped(answer.text)}`];
}

function partyOf(name: string): Participant {
  return match<string, Participant>(name)
    .with(P.union('iommufd', 'pSMMU', 'host'), (role) => ({ role, which: '' }))
    .otherwise(actorOf);
}

/** Text in one line, with the characters that mean something to Mermaid as it wants them written. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[#;<>]/g, (char) => `#${char.codePointAt(0)};`);
}
