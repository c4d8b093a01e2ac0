import { match, P } from 'ts-pattern';
import type { Call } from '../../model/call.ts';
import type { CommandName } from '../../model/world/command.ts';

/** Who can occur, in the order in which a diagram has them from left to right. */
export const ORDER = ['operator', 'host', 'guest', 'VMM', 'iommufd', 'pSMMU', 'device'] as const;

export type Role = (typeof ORDER)[number];

/** A participant of the diagram. */
export interface Participant {
  readonly role: Role;
  /** Which one, where there can be several. */
  readonly which: string;
}

const IOMMUFD: Participant = { role: 'iommufd', which: '' };
const PSMMU: Participant = { role: 'pSMMU', which: '' };

/** The participant that an actor is. */
export function actorOf(actor: string): Participant {
  const [kind = '', which = ''] = actor.split(':', 2);
  return match<string, Participant>(kind)
    .with('vmm', () => ({ role: 'VMM', which }))
    .with(P.union('guest', 'device', 'operator', 'host'), (role) => ({ role, which }))
    .otherwise(() => ({ role: 'host', which: actor }));
}

/** What a guest writes into its own memory: nobody hears of it. */
const STORES: ReadonlySet<string> = new Set([
  'writeSte',
  'storeGuest',
  'guestWriteCd',
  'guestWritePte',
  'writeContext',
  'writePasidEntry',
  'writeMapping',
] satisfies CommandName[]);

/** Whom a call goes to. */
export function targetOf({ actor, args, command }: Call): Participant {
  const { role, which } = actorOf(actor);
  if (STORES.has(command)) return { role, which };
  return match<Role, Participant>(role)
    .with('guest', () => ({ role: 'VMM', which }))
    .with('operator', () => ({ role: 'VMM', which: typeof args.vm === 'string' ? args.vm : '' }))
    .with(P.union('device', 'host'), () => PSMMU)
    .otherwise(() => IOMMUFD);
}

/** Who an effect names: a party, or an actor. */
export function partyOf(name: string): Participant {
  return match<string, Participant>(name)
    .with(P.union('iommufd', 'pSMMU', 'host'), (role) => ({ role, which: '' }))
    .otherwise(actorOf);
}
