import { pick, pickWhere } from './choice.ts';
import { call, type Move } from './move.ts';
import { fdHandle, type Objects, objectHandle } from './view.ts';

/** Nothing refers to the object: it can go. */
function isUnused(here: Objects, id: number): boolean {
  const slot = here.table[id] ?? null;
  return slot !== null && slot.type !== 'tombstone' && slot.users === 1;
}

const destroy: Move = {
  weight: ({ here }) => (here === null || here.table.length === 1 ? 0 : 3),
  make(view, draw) {
    const here = view.here as Objects;
    const ids: number[] = [];
    for (let id = 1; id < here.table.length; id++) ids.push(id);
    // Half of the time something that can go; else anything, free ids and tombstones too.
    const unused = draw(2) === 0 ? undefined : pickWhere(ids, (id) => isUnused(here, id), draw);
    return call(view, 'destroy', {
      fd: fdHandle(view, here.fd as number),
      id: objectHandle(view, here, unused ?? pick(ids, draw)),
    });
  },
};

/** How objects go. */
export const DESTROY_MOVES = { destroy } as const satisfies Readonly<Record<string, Move>>;
