import { emulationOf } from '../../conformance/emulated/emulation-of.ts';
import { stepLine } from '../../conformance/emulated/lines.ts';
import { startLine } from '../../conformance/emulated/start.ts';
import { bootWorld } from '../../model/boot.ts';
import { NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import { IdleTarget } from '../idle-target.ts';
import type { LiveSequence } from '../step.ts';
import type { Described, Ran } from '../target.ts';
import { callsOf } from './described.ts';

/** An emulated IOMMU that the model is, under rules of its own. */
export class EmulatedModelTarget extends IdleTarget {
  readonly #rules: Rules;

  constructor(described: Described, rules: Rules) {
    super(described);
    this.#rules = rules;
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const { platform } = this.described;
    const emulation = emulationOf(platform);
    let world = bootWorld(platform);
    const lines: Ran['lines'][number][] = [startLine(platform)];
    const steps = [-1];
    for (const [at, call] of callsOf(sequence).entries()) {
      const command = resolveCall(call, NO_BINDINGS);
      const after = step(world, command, this.#rules);
      const seen = emulation.seenOf(world, command, after);
      lines.push({ ...stepLine(call, seen), seq: lines.length });
      steps.push(at);
      world = after.world;
      if (seen.ends !== 'no') break;
    }
    return { lines, steps, end: 'ok', files: -1 };
  }
}
