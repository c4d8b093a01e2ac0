import { type ArgValue, NEVER_ID } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Command, CommandName } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { FIRST_FD, type OpenFile } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Argument } from '../../spec/command/argument.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import type { HandleKind } from '../../spec/command/handle.ts';
import type { Alphabet } from '../../workload/alphabet/alphabet.ts';
import { type Amounts, amountsIn } from './amounts.ts';

type Handle = Extract<Argument, { kind: 'handle' }>;
type ObjectType = NonNullable<NonNullable<World['contexts'][number]>['objects'][number]>['type'];

/** What a handle stands for: a sort of file or of object. A name that nothing bound stands for `nothing`. */
type Sort = OpenFile['kind'] | ObjectType | 'nothing';

const PAGE_TABLES = ['hwptPaging', 'hwptNested'] as const;
const DEVICE_FILES = ['cdev', 'mdev'] as const;
const ALL_FILES = ['iommufd', ...DEVICE_FILES, 'veventq', 'fault', 'dmabuf', 'other'] as const;
const ALL_OBJECTS = [
  ...['ioas', 'device', 'viommu', 'vdevice', 'veventq', 'fault', 'access', 'tombstone'],
  ...PAGE_TABLES,
] as readonly ObjectType[];

/** What each kind of argument takes, also where the kernel then refuses it. */
const SORTS: Readonly<Record<Handle['of'], readonly Sort[]>> = {
  iommufd: ['iommufd'],
  cdev: DEVICE_FILES,
  fd: ALL_FILES,
  ioas: ['ioas'],
  hwpt: PAGE_TABLES,
  device: ['device', 'access'],
  viommu: ['viommu'],
  vdevice: ['vdevice'],
  veventq: ['veventq'],
  fault: ['fault'],
  pt: ['ioas', ...PAGE_TABLES, 'viommu'],
  any: ALL_OBJECTS,
  invalidatable: ['hwptNested', 'viommu'],
};

const isOfFile = ({ of }: Handle): boolean => of === 'iommufd' || of === 'cdev' || of === 'fd';

/** A command of a trace with its objects left open. */
interface Form {
  readonly actor: string;
  readonly command: CommandName;
  readonly args: Readonly<Record<string, ArgValue>>;
  /** The arguments that name something, files first: which context is meant depends on them. */
  readonly handles: readonly { readonly name: string; readonly isFile: boolean; readonly sorts: Set<Sort> }[];
  /** What the command makes, if it is of a kind that is counted. */
  readonly makes: keyof Amounts | null;
  readonly made: Map<string, Command>;
}

/**
 * The commands that a trace is made of, each on whatever it could be on: the same actor, command and values, and in
 * the place of every object and descriptor each one of its kind that there is. Hardware is named as in the trace.
 */
export class OwnCommands {
  readonly #forms = new Map<string, Form>();
  #most: Amounts;

  constructor(first: World) {
    this.#most = amountsIn(first);
  }

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  /** Notes how much of everything there is in a world of the trace: there may be as much, and no more, at a time. */
  allow(world: World): void {
    const here = amountsIn(world);
    for (const kind of Object.keys(here) as (keyof Amounts)[]) this.#allow(kind, here[kind]);
  }

  #allow(kind: keyof Amounts, amount: number): void {
    if (amount > this.#most[kind]) this.#most = { ...this.#most, [kind]: amount };
  }

  /** Takes a command of the trace in; false where it is on an id that was something and is gone. */
  add(world: World, { actor, command, args: given }: Command): boolean {
    const shape: CommandDeclaration = COMMANDS[command];
    const args = given as Readonly<Record<string, ArgValue>>;
    const named = Object.entries(shape.args).flatMap(([name, arg]) => {
      if (arg.kind !== 'handle') return [];
      const isFile = isOfFile(arg);
      return [{ name, isFile, of: SORTS[arg.of], sort: sortOf(world, actor, args, isFile, args[name]) }];
    });
    if (named.some(({ sort }) => sort === null)) return false;
    const fixed = Object.entries(args).filter(([name]) => !named.some((each) => each.name === name));
    const key = JSON.stringify([actor, command, fixed], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const form: Form = this.#forms.get(key) ?? {
      actor,
      command,
      args,
      handles: named
        .map(({ name, isFile, of }) => ({ name, isFile, sorts: new Set<Sort>(of) }))
        .sort((a, b) => Number(b.isFile) - Number(a.isFile)),
      makes: makes(command),
      made: new Map(),
    };
    this.#forms.set(key, form);
    // Also where it is refused, and nothing is made.
    if (form.makes !== null) this.#allow(form.makes, amountsIn(world)[form.makes] + 1);
    for (const { name, sort } of named)
      if (sort !== null) form.handles.find((each) => each.name === name)?.sorts.add(sort);
    return true;
  }

  /** All of them that can be tried in a world. It depends on the world alone, by what ids stand for. */
  readonly alphabet: Alphabet = (world) => {
    const tried: Command[] = [];
    const here = amountsIn(world);
    for (const form of this.#forms.values())
      if (form.makes === null || here[form.makes] < this.#most[form.makes]) fill(world, form, 0, [], tried);
    return tried;
  };
}

function makes(command: CommandName): keyof Amounts | null {
  if (command.endsWith('Begins') && command !== 'resetBegins') return 'call';
  if (command === 'mmapBar') return 'mapping';
  // An attachment makes a page table only where none fits.
  if (command === 'vfioAttach') return null;
  const of: HandleKind | undefined = COMMANDS[command].binds[0]?.of;
  return of ?? null;
}

/** What a value stands for; null for an id that has stood for something and does no more: it cannot be told by sort. */
function sortOf(
  world: World,
  actor: string,
  args: Readonly<Record<string, ArgValue>>,
  isFile: boolean,
  value: ArgValue | undefined,
): Sort | null {
  if (typeof value !== 'number') return null;
  if (isFile) {
    const of = fileOf({ world }, actor, value)?.of;
    return of?.kind ?? (value === NEVER_ID || value < FIRST_FD ? 'nothing' : null);
  }
  const ctx = contextOf(world, actor, args);
  const slot = world.contexts[ctx]?.objects[value];
  return slot?.type ?? (value === NEVER_ID || value === 0 ? 'nothing' : null);
}

function contextOf(world: World, actor: string, args: Readonly<Record<string, ArgValue>>): number {
  const fd = args.iommufd ?? args.fd;
  const of = typeof fd === 'number' ? fileOf({ world }, actor, fd)?.of : undefined;
  if (of?.kind === 'iommufd') return of.ctx;
  return of?.kind === 'cdev' || of?.kind === 'mdev' ? (of.bound?.ctx ?? -1) : -1;
}

/** Puts everything of its sorts in the place of each handle from one on. */
function fill(world: World, form: Form, at: number, chosen: readonly number[], tried: Command[]): void {
  const handle = form.handles[at];
  if (handle === undefined) {
    const key = chosen.join();
    let command = form.made.get(key);
    if (command === undefined) {
      const names = form.handles.map(({ name }, index) => [name, chosen[index] ?? 0] as const);
      // The arguments are those of a command of the trace, but for numbers that name something.
      command = {
        actor: form.actor,
        command: form.command,
        args: { ...form.args, ...Object.fromEntries(names) },
      } as unknown as Command;
      form.made.set(key, command);
    }
    tried.push(command);
    return;
  }
  const { sorts, isFile, name } = handle;
  const given = form.args[name];
  if (sorts.has('nothing')) fill(world, form, at + 1, [...chosen, given === 0 ? 0 : NEVER_ID], tried);
  if (isFile) {
    const fds = world.processes[form.actor]?.fds ?? [];
    for (const [index, file] of fds.entries()) {
      const of = file === null ? undefined : world.files[file]?.of;
      if (of !== undefined && sorts.has(of.kind))
        fill(world, form, at + 1, [...chosen, index + FIRST_FD], tried);
    }
    return;
  }
  const names = form.handles.map((each, index) => [each.name, chosen[index] ?? 0] as const);
  const ctx = contextOf(world, form.actor, Object.fromEntries(names.slice(0, at)));
  for (const [id, slot] of (world.contexts[ctx]?.objects ?? []).entries())
    if (slot !== null && slot !== undefined && sorts.has(slot.type))
      fill(world, form, at + 1, [...chosen, id], tried);
}
