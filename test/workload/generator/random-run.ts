import { bootWorld } from '../../../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { type Step, step } from '../../../model/step.ts';
import type { Command } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import type { Draw } from '../../../workload/generator/choice.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

/**
 * The scopes in which processes call the kernel as they please, and only they: mediated devices do as well. What selftests do
 * with mock devices no other process can.
 */
export const PROCESS_SCOPES = SCOPES.filter(
  ({ adversary, platform }) =>
    adversary === 'vmm' &&
    platform.devices.length > 0 &&
    platform.mediated === undefined &&
    platform.devices.every(({ mock }) => mock === undefined),
);

/** The scopes with VFIO's old containers. */
export const CONTAINER_SCOPES = SCOPES.filter(({ platform }) => platform.legacy !== undefined);

/** Uniform draws from a seed (xorshift32). */
export function drawsFrom(seed: number): Draw {
  let state = (seed * 0x9e37_79b9 + 1) >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  };
}

export interface RandomStep extends Step {
  readonly before: World;
  /** What the names of the trace stood for. */
  readonly bindings: Bindings;
  readonly call: Call;
  readonly command: Command;
}

/** The steps of one generated run. */
export function* randomRun(scope: Scope, draw: Draw, steps: number): Generator<RandomStep, void> {
  let world = bootWorld(scope.platform);
  let bindings = NO_BINDINGS;
  for (let n = 0; n < steps; n++) {
    const call = generateCall(scope, world, bindings, draw);
    const command = resolveCall(call, bindings);
    const done = step(world, command, intended);
    yield { ...done, before: world, bindings, call, command };
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
  }
}
