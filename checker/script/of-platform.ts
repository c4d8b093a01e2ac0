import type { Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { unknownText } from '../select/by-name.ts';

/** A call that names what a platform has not. */
export interface Unknown {
  /** Index of the call. */
  readonly at: number;
  readonly message: string;
}

/**
 * The first actor or argument that is the name of a device or a VM which the platform has not; null where there is none. The model has
 * an answer to it, but who writes such a line has misspelt something.
 */
export function unknownOf(platform: Platform, calls: readonly Call[]): Unknown | null {
  for (const [at, call] of calls.entries()) {
    const message = unknownActor(platform, call) ?? unknownArgument(platform, call);
    if (message !== null) return { at, message };
  }
  return null;
}

const VM_KINDS: readonly string[] = ['vmm', 'guest', 'VM'];

/** Names of a kind; null where a platform does not give them: slices, groups of containers and a VM without processes are named otherwise. */
function namesOf({ devices, mediated = [], vms }: Platform, kind: string): readonly string[] | null {
  const names =
    kind === 'device' ? [...devices.map(({ id }) => id), ...mediated] : VM_KINDS.includes(kind) ? vms : [];
  return names.length === 0 ? null : names;
}

function unknownActor(platform: Platform, { actor }: Call): string | null {
  const [, kind = '', name = ''] = /^(vmm|guest|device):(.*)$/.exec(actor) ?? [];
  const names = kind === '' ? null : namesOf(platform, kind);
  if (names === null || names.includes(name)) return null;
  return unknownText(
    'actor',
    actor,
    names.map((each) => `${kind}:${each}`),
  );
}

function unknownArgument(platform: Platform, { command, args }: Call): string | null {
  const { args: shapes }: CommandDeclaration = COMMANDS[command];
  for (const [name, value] of Object.entries(args)) {
    const shape = shapes[name];
    if (shape?.kind !== 'text' || shape.unit === undefined || typeof value !== 'string') continue;
    const names = namesOf(platform, shape.unit);
    if (names === null || names.includes(value)) continue;
    return `${command}: ${name}: ${unknownText(shape.unit, value, names)}`;
  }
  return null;
}
