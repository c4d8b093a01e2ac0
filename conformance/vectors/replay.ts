import type { Override } from '../../model/rules.ts';
import { implementationOf } from '../../model/smmu/architecture/implementation.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import { attribute } from './attribute.ts';
import { agrees, memoryOf, type Observation, observe } from './observe.ts';
import type { VectorAccess, VectorFile } from './vector-file.ts';

/** An access where the model says something else than the recording. */
export interface Disagreement {
  /** Index of the configuration in the file. */
  readonly config: number;
  /** Index of the access in the configuration. */
  readonly access: number;
  readonly iova: bigint;
  readonly write: boolean;
  readonly expected: Observation;
  readonly model: Observation;
}

/** What a replay of a vector file found. */
export interface VectorReport {
  readonly file: string;
  /** Accesses in the file. */
  readonly events: number;
  readonly checked: number;
  /** Accesses where the model under the given rules shows what was recorded. */
  readonly agreed: number;
  /** Accesses not checked, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** For each deviation, the accesses that do not agree and that it, alone or with others, explains. */
  readonly deviations: Readonly<Record<string, number>>;
  /** Accesses that do not agree and that no set of the deviations explains. */
  readonly unnamed: number;
  /** The first of the unnamed. */
  readonly first: Disagreement | null;
}

/**
 * Replays every access of a vector file under `rules`; what does not agree is attributed to the `deviations` that explain it.
 * `name` is the file's name, for the report; `tell` is told of each that nothing explains.
 */
export function replayVectors(
  name: string,
  file: VectorFile,
  rules: SmmuArchitectureRules,
  deviations: readonly Override[],
  tell: (unnamed: Disagreement) => void = () => {},
): VectorReport {
  const implementation = implementationOf(file.registers);
  const skipped: Record<string, number> = {};
  const counts: Record<string, number> = {};
  let events = 0;
  let checked = 0;
  let agreed = 0;
  let unnamed = 0;
  let first: Disagreement | null = null;
  file.configs.forEach((config, configIndex) => {
    const read = memoryOf(file, config);
    config.accesses.forEach((access, accessIndex) => {
      events++;
      const under = (chosen: SmmuArchitectureRules) =>
        observe(file, config, access, implementation, read, chosen);
      const model = under(rules);
      if ('unmodelled' in model) {
        skipped[model.unmodelled] = (skipped[model.unmodelled] ?? 0) + 1;
        return;
      }
      checked++;
      if (agrees(model, access)) {
        agreed++;
        return;
      }
      const needed = attribute(deviations, (candidate) => {
        const shown = under(candidate);
        return !('unmodelled' in shown) && agrees(shown, access);
      });
      if (needed === undefined) {
        unnamed++;
        const parted = disagreement(configIndex, accessIndex, access, model);
        first ??= parted;
        tell(parted);
      }
      for (const { name: deviation } of needed ?? []) counts[deviation] = (counts[deviation] ?? 0) + 1;
    });
  });
  return { file: name, events, checked, agreed, skipped, deviations: counts, unnamed, first };
}

function disagreement(
  config: number,
  accessIndex: number,
  access: VectorAccess,
  model: Observation,
): Disagreement {
  const { iova, write, pa, events } = access;
  return { config, access: accessIndex, iova, write, expected: { pa, events }, model };
}
