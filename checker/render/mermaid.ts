import { match, P } from 'ts-pattern';
import type { Effect } from '../../model/world/result.ts';
import type { Trace } from '../trace/trace.ts';
import type { Drawing } from './text.ts';
import { type ToldStep, tell } from './told.ts';
import { commandsText, eventText } from './values.ts';

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
  const to = targetOf(from);
  const back =
    from.role === 'device' ? [] : [`${by(to)}${ok ? '-->>' : '--x'}${by(from)}: ${escaped(answer)}`];
  return [
    `${by(from)}->>${by(to)}: ${escaped(text)}`,
    ...effects.map((effect) => effectLine(effect, by)),
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

/** Whom an actor's commands go to. */
function targetOf({ role, which }: Participant): Participant {
  return match<Role, Participant>(role)
    .with('guest', () => ({ role: 'VMM', which }))
    .with('device', () => PSMMU)
    .with('operator', () => ({ role: 'VMM', which: '' }))
    .otherwise(() => IOMMUFD);
}

function effectLine(effect: Effect, by: By): string {
  return match(effect)
    .with({ kind: 'smmuCommands' }, ({ commands }) => {
      return `${by(IOMMUFD)}->>${by(PSMMU)}: ${escaped(commandsText(commands.flat()))}`;
    })
    .with({ kind: 'vevent' }, ({ veventq, lost, words }) => {
      const what = lost ? 'event lost' : eventText(words);
      return `${by(PSMMU)}->>${by(IOMMUFD)}: ${escaped(`vEVENTQ ${veventq}: ${what}`)}`;
    })
    .with({ kind: 'hostEvent' }, ({ words }) => {
      return `${by(PSMMU)}->>${by({ role: 'host', which: '' })}: ${escaped(eventText(words))}`;
    })
    .exhaustive();
}

/** Characters that mean something to Mermaid, as it wants them written. */
function escaped(text: string): string {
  return text.replaceAll(/[#;<>]/g, (char) => `#${char.codePointAt(0)};`);
}
