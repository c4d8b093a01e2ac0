import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as library from '../../index.ts';
import { type Call, resolveCall } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { DEFAULT_ARGS } from '../../model/door.ts';
import type { Command, CommandName } from '../../model/world/command.ts';
import type { ActorKind } from '../../spec/command/actor.ts';
import { SCOPES } from '../../workload/scopes/index.ts';

const { bootWorld, intended, step } = library;

/** A command as a program could make it that knows no types. */
function raw(actor: unknown, command: string, args: object): Command {
  return { actor, command, args } as unknown as Command;
}

const complete = (command: CommandName, args: object): object => ({ ...DEFAULT_ARGS[command], ...args });

const WRONG: readonly (readonly [string, Command])[] = [
  ['an actor that every object has', raw('__proto__', 'openIommufd', {})],
  ['another', raw('constructor', 'openIommufd', {})],
  ['an actor of no kind', raw('nobody:vm0', 'openIommufd', {})],
  ['no actor', raw(undefined, 'openIommufd', {})],
  ['a command that every object has', raw('vmm:vm0', 'toString', {})],
  ['no arguments', raw('vmm:vm0', 'close', {})],
  ['a negative index', raw('guest:vm0', 'writeMapping', complete('writeMapping', { iova: -4096 }))],
  ['a negative SubstreamID', raw('device:dev3', 'dma', complete('dma', { ssid: -1 }))],
  ['a negative vector', raw('vmm:vm0', 'vfioPrepareMsi', complete('vfioPrepareMsi', { vector: -4096 }))],
  ['33 bits for 32', raw('device:dev0', 'pageRequest', complete('pageRequest', { group: 2 ** 32 }))],
  ['-0', raw('vmm:vm0', 'close', { fd: -0 })],
  ['half', raw('vmm:vm0', 'close', { fd: 0.5 })],
  ['NaN', raw('vmm:vm0', 'close', { fd: Number.NaN })],
  ['a number for a bigint', raw('vmm:vm0', 'munmapBar', { va: 4096 })],
  ['65 bits', raw('vmm:vm0', 'munmapBar', { va: 1n << 64n })],
  ['a negative address', raw('vmm:vm0', 'munmapBar', { va: -4096n })],
  ['an address inside a page', raw('guest:vm0', 'guestWritePte', complete('guestWritePte', { ipa: 1n }))],
  ['a hole in words', raw('device:dev0', 'smmuEvent', { words: new Array(4) })],
  ['too long a name', raw('operator', 'boot', { vm: 'x'.repeat(65) })],
  ['an argument too many', raw('vmm:vm0', 'close', { fd: 3, id: 1 })],
];

describe.each(WRONG)('%s', (_, command) => {
  it('is answered EINVAL by the library, in every scope, and changes nothing', () => {
    for (const { platform } of SCOPES) {
      const world = bootWorld(platform);
      const done = step(world, command, intended);
      expect(done.world).toBe(world);
      expect(done.result).toMatchObject({ ok: false, errno: 'EINVAL' });
    }
  });

  it('does not come through the door', () => {
    expect(() => library.admitted(command)).toThrow(library.CommandError);
  });
});

describe('a call of a trace', () => {
  const call = (command: CommandName, args: Call['args'], actor = 'vmm:vm0'): Call => ({
    actor,
    command,
    args,
  });

  it('says what was expected, and where', () => {
    expect(() => resolveCall(call('writeMapping', { iova: -4096 }, 'guest:vm0'), {})).toThrow(
      'writeMapping: iova: expected an integer from 0 to 4294967295',
    );
    expect(() => resolveCall(call('openIommufd', {}, '__proto__'), {})).toThrow(
      'openIommufd: actor: expected',
    );
    expect(() => resolveCall(call('close', { fb: 3 }), {})).toThrow(
      "close: unknown argument 'fb'; expected fd",
    );
  });

  it('names nothing by what every object inherits', () => {
    expect(resolveCall(call('close', { fd: 'toString' }), {}).args).toEqual({ fd: 0x7fff_ffff });
  });

  it.each(['F3-actor-proto', 'F4-dma', 'F4-writeMapping', 'F6-page-request'])(
    'that was found to do harm is refused: %s',
    (name) => {
      const text = readFileSync(`test/checker/trace/hostile/${name}.trace`, 'utf8');
      expect(() => library.parseTrace(text)).toThrow(library.TraceError);
    },
  );
});

const WORLDS = SCOPES.map(({ platform }) => bootWorld(platform));

const ACTORS: Readonly<Record<ActorKind, string>> = {
  operator: 'operator',
  host: 'host',
  vmm: 'vmm:vm0',
  guest: 'guest:vm0',
  device: 'device:dev0',
};

it('a command of somebody who may not give it is refused everywhere, and changes nothing', () => {
  for (const [name, { by }] of Object.entries(COMMANDS))
    for (const [kind, actor] of Object.entries(ACTORS)) {
      if (by.includes(kind as ActorKind)) continue;
      const command = resolveCall({ actor, command: name as CommandName, args: {} }, {});
      for (const world of WORLDS) {
        const done = step(world, command, intended);
        expect(done.result.ok, `${actor} ${name}`).toBe(false);
        expect(done.world).toBe(world);
      }
    }
});
