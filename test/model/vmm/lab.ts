import { bootWorld } from '../../../model/boot.ts';
import { type ArgValue, resolveCall } from '../../../model/call.ts';
import { composeRules, type Override, type Rules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { Command, Words } from '../../../model/world/command.ts';
import type { Effect, Result } from '../../../model/world/result.ts';
import type { World } from '../../../model/world/world.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

/** SMMUEN, EVENTQEN and CMDQEN. */
export const ON = 0b1101;

/** A write to GBPA that takes effect, and makes traffic abort. */
export const GBPA_ABORT = 2 ** 31 + (1 << 20);

export const STE = {
  bypass: [0x9n, 0n],
  translate: [0x4_000bn, 0n],
  other: [0x8_000bn, 0n],
  stage2: [0xdn, 0n],
} as const satisfies Readonly<Record<string, Words>>;

/** CFGI_STE of a StreamID. */
export function cfgiSte(StreamID: number): Words {
  return encodeCommand('CFGI_STE', { StreamID, Leaf: 1 });
}

/** One machine in the hands of its operator and its guest. */
export class Lab {
  world: World;
  effects: readonly Effect[] = [];
  result: Result = { ok: true, out: {} };
  readonly #rules: Rules;

  constructor(scope: Scope = oneVsmmu, overrides: readonly Override[] = []) {
    this.world = bootWorld(scope.platform);
    this.#rules = composeRules(overrides);
  }

  /** Does something as the operator, or (for commands without `vm`) as the guest of vm0. */
  do(command: Command['command'], args: Readonly<Record<string, ArgValue>> = {}, actor?: string): string {
    const operator = ['boot', 'reset', 'plug', 'unplug', 'migrate', 'liveUpdate'].includes(command);
    const call = {
      actor: actor ?? (operator ? 'operator' : 'guest:vm0'),
      command,
      args: operator ? { vm: 'vm0', ...args } : args,
    };
    const { world, result, effects } = step(this.world, resolveCall(call, {}), this.#rules);
    this.world = world;
    this.result = result;
    this.effects = effects;
    return result.ok ? 'ok' : result.errno;
  }

  /** With dev0 plugged, it runs. */
  started(): this {
    this.do('plug', { device: 'dev0' });
    this.do('boot');
    return this;
  }

  /** What the last step's VMM called, in short: names, and the errno where the kernel refused. */
  get calls(): readonly string[] {
    return this.effects.flatMap((effect) => {
      if (effect.kind !== 'vmmCall') return [];
      const { command, result } = effect;
      return [result.ok ? command.command : `${command.command} ${result.errno}`];
    });
  }

  /** Why the VMM refused the last step. */
  get reason(): string {
    return this.effects.flatMap((effect) => (effect.kind === 'vmmRefusal' ? [effect.reason] : [])).join('; ');
  }

  /** What a device is on: `default`, `blocked`, `paging`, or the Config of its nested HWPT. */
  domainOf(device: string): string {
    const { platform, groups, contexts } = this.world;
    const group = platform.devices.find(({ id }) => id === device)?.group ?? -1;
    const domain = groups[group]?.domain;
    if (domain?.kind !== 'hwpt') return domain?.kind ?? 'none';
    const hwpt = contexts[domain.ctx]?.objects[domain.hwpt];
    return hwpt?.type === 'hwptNested' ? hwpt.domain.config : 'paging';
  }

  /** The data of the last answer. */
  get data(): Words {
    return (this.result.out.data ?? []) as Words;
  }
}
