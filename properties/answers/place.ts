import type { Context } from '../../model/iommufd/context.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { Transition } from '../property.ts';
import type { Answer } from './answer.ts';
import { againstSize } from './size.ts';

/** Where a call on a file of iommufd is made. */
export interface At {
  readonly world: World;
  readonly ctx: number;
  readonly context: Context;
}

/** What a call is to be answered. */
export type Judge = (at: At, args: never, actor: string) => Answer;

/** Null: it is made on no such file. */
export function placeOf({ before, command }: Transition): At | null {
  const { of } = fileOf({ world: before }, command.actor, (command.args as { readonly fd: number }).fd) ?? {};
  if (of?.kind !== 'iommufd') return null;
  const context = before.contexts[of.ctx] ?? null;
  return context === null ? null : { world: before, ctx: of.ctx, context };
}

/** What a call is to be answered that has its struct judged first; null: nothing is said. */
export function answerBy(judge: Judge, transition: Transition): Answer {
  const at = placeOf(transition);
  if (at === null) return null;
  const { command } = transition;
  const size = againstSize(command);
  return size === 'none' ? judge(at, command.args as never, command.actor) : size;
}
