/** Who may give a command. */
export type ActorKind = 'operator' | 'host' | 'vmm' | 'guest' | 'device';

/** Actors that there is one of. */
const ALONE: ReadonlySet<string> = new Set<ActorKind>(['operator', 'host']);

const NAMED = /^(?:vmm|guest|device):[^\p{C}\p{Z}]{1,64}$/u;

/** `operator`, `host`, `vmm:<vm>`, `guest:<vm>` or `device:<id>`. */
export function isActor(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 80 && (ALONE.has(value) || NAMED.test(value));
}

/** What an actor looks like, for an error's reader. */
export const ACTOR_EXPECTATION =
  'operator, host, vmm:NAME, guest:NAME or device:NAME (a name has at most 64 characters, no space)';

/** What sort of actor this is. */
export function kindOfActor(actor: string): ActorKind {
  const colon = actor.indexOf(':');
  return (colon < 0 ? actor : actor.slice(0, colon)) as ActorKind;
}
