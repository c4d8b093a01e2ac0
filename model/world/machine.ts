import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import type { Platform } from '../platform/platform.ts';
import type { Actor, AnyIoctlName, CommandArgs, CommandName } from './command.ts';
import type { Declarations } from './declare.ts';
import type { OpenFile } from './process.ts';
import type { Result } from './result.ts';
import type { Rules } from './rules.ts';
import type { Tx } from './tx.ts';
import type { World } from './world.ts';

/** Answers one command. It reads as the kernel does: look up, check, change; what it refuses leaves no trace. */
export type Handler<N extends CommandName> = (tx: Tx, args: CommandArgs[N], actor: Actor) => Result;

export type Handlers<N extends CommandName> = { readonly [K in N]: Handler<K> };

/** An open file of one kind, and its index in `World.files`. */
export interface FileOf<K extends OpenFile['kind']> {
  readonly index: number;
  readonly of: Extract<OpenFile, { readonly kind: K }>;
}

/** struct file_operations of one kind of file; what is left out, such a file does not have. */
export interface FileOperations<K extends OpenFile['kind']> {
  ioctl?(tx: Tx, file: FileOf<K>, name: AnyIoctlName, args: CommandArgs[AnyIoctlName], actor: Actor): Result;
  read?(tx: Tx, file: FileOf<K>, args: CommandArgs['read']): Result;
  write?(tx: Tx, file: FileOf<K>, args: CommandArgs['write']): Result;
  /** The events of poll(). */
  poll?(tx: Tx, file: FileOf<K>): number;
  /** The last reference to the file is gone. */
  release?(tx: Tx, of: FileOf<K>['of']): void;
}

export type Files<K extends OpenFile['kind']> = { readonly [Each in K]: FileOperations<Each> };

/** Everything that the rest needs to know of a machine. `model/machines.ts` lists them all. */
export interface Machine {
  /** Its folder. */
  readonly name: string;
  /** Its commands as they are declared. */
  readonly commands: Readonly<Record<string, CommandDeclaration>>;
  /** Who answers them; ioctls are answered by the file that they are made on. */
  readonly handlers: Partial<Handlers<CommandName>>;
  /** Its part of a world in which nothing has happened. */
  boot(platform: Platform): Partial<World>;
  /** Its decision points, by where they stand in the rules. */
  readonly rules?: { readonly [Name in keyof Rules]?: Declarations };
  /**
   * Parts of a world that are facts as they stand: no names that other parts have too. Of every other part the state graph
   * says what of it is a fact (`checker/explore/`).
   */
  readonly facts?: readonly (keyof World)[];
  /** What follows from a command that was not refused, or changed something even so. */
  settle?(before: World, tx: Tx, command: CommandName): void;
}
