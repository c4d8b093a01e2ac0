import type { Command } from '../../model/world/command.ts';
import type { Space, State } from './space.ts';
import type { Lookup } from './visited.ts';

/** The moves that led to a state for the first time, from the first state on. */
export function movesTo(visited: Lookup, state: number): readonly number[] {
  const moves: number[] = [];
  for (let at = state; at !== 0; at = visited.parentOf(at)) moves.push(visited.moveTo(at));
  return moves.reverse();
}

/** The commands of a shortest way to a state, the prelude's first, and where they lead. */
export function wayTo(
  space: Space,
  visited: Lookup,
  number: number,
): { readonly commands: readonly Command[]; readonly state: State } {
  const commands: Command[] = [...space.exploration.prelude];
  let state = space.start();
  for (const move of movesTo(visited, number)) {
    const { next, command } = space.repeat(state, move);
    commands.push(command);
    state = next;
  }
  return { commands, state };
}

/** The commands of a shortest way to a state, and of one move more. */
export function commandsTo(
  space: Space,
  visited: Lookup,
  number: number,
  move: number | null,
): readonly Command[] {
  const { commands, state } = wayTo(space, visited, number);
  return move === null ? commands : [...commands, space.repeat(state, move).command];
}
