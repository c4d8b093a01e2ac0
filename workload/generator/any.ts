import type { ArgValue, Bindings, Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { CommandName } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { ActorKind } from '../../spec/command/actor.ts';
import {
  type Argument,
  device,
  isDescriptorKind,
  type NumberArgument,
  type TextArgument,
} from '../../spec/command/argument.ts';
import { fits } from '../../spec/command/fits.ts';
import type { Scope } from '../scopes/scope.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { generateCall } from './generate.ts';

/*
 * Calls without any sense: whatever a command's declaration allows. Properties are looked for with calls that mean
 * something (`generate.ts`); these show that the model has an answer to all others as well.
 */

const NAMES = Object.keys(COMMANDS) as CommandName[];
const U32_MAX = 2 ** 32 - 1;
const U64_MAX = (1n << 64n) - 1n;

/** Any call: half of the calls are sensible ones, most of them with something else in the place of an argument. */
export function anyCall(scope: Scope, world: World, bindings: Bindings, draw: Draw): Call {
  const known = { platform: scope.platform, names: Object.keys(bindings) };
  if (oneIn(2, draw)) {
    const call = generateCall(scope, world, bindings, draw);
    return oneIn(3, draw) ? call : spoiled(known, call, draw);
  }
  const command = pick(NAMES, draw);
  const { args: declared, by, binds } = COMMANDS[command];
  const args: Record<string, ArgValue> = {};
  for (const [name, argument] of Object.entries(declared))
    if (!oneIn(3, draw)) args[name] = anyValue(known, argument, draw);
  const as = binds.length > 0 && oneIn(2, draw) ? { as: `w${draw(10)}` } : {};
  return { actor: anyActor(known, by, draw), command, args, ...as };
}

interface Known {
  readonly platform: Platform;
  /** What the trace has bound. */
  readonly names: readonly string[];
}

function spoiled(known: Known, call: Call, draw: Draw): Call {
  const declared = Object.entries(COMMANDS[call.command].args);
  if (declared.length === 0) return call;
  const args: Record<string, ArgValue> = { ...call.args };
  for (let left = 1 + draw(2); left > 0; left--) {
    const [name, argument] = pick(declared, draw);
    args[name] = anyValue(known, argument, draw);
  }
  return { ...call, args };
}

const HOSTILE = ['', 'none', '__proto__', 'constructor', 'toString', '\u{1f980}', 'x'.repeat(64)];

/** Any value that a command may have for an argument. */
function anyValue(known: Known, argument: Argument, draw: Draw): ArgValue {
  switch (argument.kind) {
    case 'handle':
      if (known.names.length > 0 && !oneIn(3, draw)) return pick(known.names, draw);
      if (oneIn(2, draw)) return draw(isDescriptorKind(argument.of) ? 16 : 24);
      return pick([argument.min, 0, argument.max, 2 ** 31 - 1], draw);
    case 'number':
      return anyNumber(argument, draw);
    case 'u64': {
      const { align = 1n } = argument;
      const value = anyU64(draw);
      return value - (value % align);
    }
    case 'bool':
      return oneIn(2, draw);
    case 'pointer':
      return pick(['buffer', 'null', 'unmapped'], draw);
    case 'words':
      return anyWords(argument.most, draw);
    case 'text':
      return anyText(known.platform, argument, draw);
  }
}

function anyNumber(argument: NumberArgument, draw: Draw): number {
  const { min, max, flags, values } = argument;
  const named = Object.values(flags ?? values ?? {});
  if (named.length > 0 && oneIn(2, draw)) {
    const some = pick(named, draw);
    return flags !== undefined && oneIn(2, draw) ? (some | pick(named, draw)) >>> 0 : some;
  }
  switch (draw(4)) {
    case 0:
      return draw(4);
    case 1: {
      const value = pick([argument.default, 4096, 31, 32, 0x1_0000, 1 << draw(31)], draw);
      return fits(argument, value) ? value : max;
    }
    case 2:
      return pick([min, max, max - 1], draw);
    default:
      return Math.min(max, draw(U32_MAX));
  }
}

const ADDRESSES: readonly bigint[] = [
  0n,
  1n,
  U64_MAX,
  U64_MAX - 0xfffn,
  1n << 63n,
  (1n << 63n) - 1n,
  1n << 52n,
  1n << 48n,
  1n << 44n,
  1n << 40n,
  1n << 32n,
  0x800_0000n,
  0x4000_0000n,
];

function anyU64(draw: Draw): bigint {
  switch (draw(4)) {
    case 0:
      return BigInt(draw(64)) << 12n;
    case 1:
      return pick(ADDRESSES, draw);
    case 2:
      return BigInt(draw(256));
    default:
      return (BigInt(draw(U32_MAX)) << BigInt(draw(33))) | BigInt(draw(U32_MAX));
  }
}

function anyWords(most: number, draw: Draw): readonly bigint[] | null {
  if (oneIn(5, draw)) return null;
  const length = Math.min(most, oneIn(50, draw) ? 512 : draw(9));
  return Array.from({ length }, () => anyU64(draw));
}

function anyText(
  { devices, vms, mediated, pasid, legacy }: Platform,
  { words }: TextArgument,
  draw: Draw,
): string {
  if (words !== undefined && !oneIn(4, draw)) return pick(words, draw);
  if (oneIn(4, draw)) return pick(HOSTILE, draw);
  const known = [
    ...devices.map(({ id }) => id),
    ...vms,
    ...(mediated ?? []),
    ...(pasid?.parents.flatMap(({ id, slices }) => [id, ...slices]) ?? []),
    ...(legacy?.groups.flatMap(({ devices: each }) => each) ?? []),
  ];
  return known.length === 0 ? '' : pick(known, draw);
}

const STRANGERS = ['vmm:__proto__', 'guest:constructor', 'device:toString', 'vmm:nobody', 'host', 'operator'];

/** Mostly somebody who may give the command. */
function anyActor({ platform }: Known, by: readonly ActorKind[], draw: Draw): string {
  if (oneIn(12, draw)) return pick(STRANGERS, draw);
  const kind = oneIn(12, draw) ? pick(['vmm', 'guest', 'device'] as const, draw) : pick(by, draw);
  switch (kind) {
    case 'operator':
    case 'host':
      return kind;
    case 'vmm':
    case 'guest':
      return `${kind}:${platform.vms.length === 0 ? 'vm0' : pick(platform.vms, draw)}`;
    case 'device':
      return `device:${anyText(platform, device, draw) || 'none'}`;
  }
}
