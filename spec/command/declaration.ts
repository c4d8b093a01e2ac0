import type { ActorKind } from './actor.ts';
import type { Arguments, ValueOf } from './argument.ts';
import type { HandleKind } from './handle.ts';

/** What a successful command gives a name to. */
export interface Binds {
  /** '' for the object itself, '.fd' for the descriptor that comes with it. */
  readonly suffix: '' | '.fd';
  readonly of: HandleKind;
  /** The output field that has its number. */
  readonly out: string;
}

/** All that is to be known of a command, but for how it is answered. */
export interface CommandDeclaration<A extends Arguments = Arguments> {
  /** Who may give it. The answer to others is a refusal. */
  readonly by: readonly ActorKind[];
  /** One sentence: what it is. */
  readonly sentence: string;
  /** In the order of the interface, which is also that of traces. */
  readonly args: A;
  readonly binds: readonly Binds[];
}

export type Declarations = Readonly<Record<string, CommandDeclaration>>;

/** The arguments of a complete command. */
export type ArgsOf<D extends CommandDeclaration> = {
  readonly [Name in keyof D['args']]: ValueOf<D['args'][Name]>;
};

/** The arguments of several commands, by name. */
export type ArgsOfAll<D extends Declarations> = { readonly [Name in keyof D]: ArgsOf<D[Name]> };

/** Declares a command. */
export function command<const A extends Arguments>(
  by: readonly ActorKind[],
  sentence: string,
  args: A,
  ...binds: readonly Binds[]
): CommandDeclaration<A> {
  return { by, sentence, args, binds };
}

/** What a command makes, and the output field that says its number. */
export function made(of: HandleKind, out: string, suffix: Binds['suffix'] = ''): Binds {
  return { suffix, of, out };
}
