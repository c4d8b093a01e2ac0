import type { Command } from '../../model/world/command.ts';
import type { Space } from './space.ts';
import type { Lookup } from './visited.ts';

/** The moves that led to a state for the first time, from the first state on. */
export function movesTo(visited: Lookup, state: number): readonly number[] {
  const moves: number[] = [];
  for (let at = state; at !== 0; at = visited.parentOf(at)) moves.push(visited.moveTo(at));
  return moves.reverse();
}

/** The commands of a shortest way to a state, the prelude's first, and of one move more. */
export function commandsTo(
  space: Space,
  visited: Lookup,
  number: number,
  move: number | null,
): readonly Command[] {
  const commands: Command[] = [...space.exploration.prelude];
  let state = space.start();
  for (const each of [...movesTo(visited, number), ...(move === null ? [] : [move])]) {
    const { next, command } = space.repeat(state, each);
    commands.push(command);
    state = next;
  }
  return commands;
}
