import { startLine, stepLine } from '../../conformance/emulated/lines.ts';
import { seenOf } from '../../conformance/emulated/observe.ts';
import { bootWorld } from '../../model/boot.ts';
import { NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { LiveSequence } from '../step.ts';
import type { Described, Ran, Target } from '../target.ts';
import { callsOf } from './described.ts';

/** An emulated SMMUv3 that the model is, under rules of its own. */
export class SmmuModelTarget implements Target {
  readonly name = 'model';
  readonly #described: Described;
  readonly #rules: Rules;

  constructor(described: Described, rules: Rules) {
    this.#described = described;
    this.#rules = rules;
  }

  async boot(): Promise<Described> {
    return this.#described;
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const { platform } = this.#described;
    let world = bootWorld(platform);
    const lines: Ran['lines'][number][] = [startLine(platform.emulated as EmulatedHardware)];
    const steps = [-1];
    for (const [at, call] of callsOf(sequence).entries()) {
      const command = resolveCall(call, NO_BINDINGS);
      const after = step(world, command, this.#rules);
      const seen = seenOf(world, command, after);
      lines.push({ ...stepLine(call, seen), seq: lines.length });
      steps.push(at);
      world = after.world;
      if (seen.ends !== 'no') break;
    }
    return { lines, steps, end: 'ok', files: -1 };
  }

  async reset(): Promise<void> {}

  async console(): Promise<string> {
    return '';
  }

  async stop(): Promise<void> {}
}
