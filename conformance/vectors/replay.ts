import { implementationOf } from '../../model/smmu/architecture/implementation.ts';
import type { ArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import type { SmmuDeviation } from '../../overrides/deviations/smmu-qemu-11/index.ts';
import { attribute } from './attribute.ts';
import { agrees, memoryOf, type Observation, observe } from './observe.ts';
import type { VectorAccess, VectorFile } from './vector-file.ts';

/** An observation in the notation of the vector files. */
export interface WrittenObservation {
  readonly pa: string | null;
  readonly events: readonly Readonly<Record<string, string | number>>[];
}

/** An access where the model says something else than the recording, in the notation of the vector files. */
export interface Disagreement {
  /** Index of the configuration in the file. */
  readonly config: number;
  /** Index of the access in the configuration. */
  readonly access: number;
  readonly iova: string;
  readonly write: boolean;
  readonly expected: WrittenObservation;
  readonly model: WrittenObservation;
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
  /** For each deviation, the accesses that the architecture alone gets wrong and that need it to agree. */
  readonly deviations: Readonly<Record<string, number>>;
  /** Accesses that the architecture gets wrong and that no set of the deviations explains. */
  readonly unnamed: number;
  /** The first access that does not agree. */
  readonly first: Disagreement | null;
}

/**
 * Replays every access of a vector file under `rules`, and attributes what parts from the architecture to `deviations`.
 * `name` is the file's name, for the report.
 */
export function replayVectors(
  name: string,
  file: VectorFile,
  rules: ArchitectureRules,
  deviations: readonly SmmuDeviation[],
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
      const under = (chosen: ArchitectureRules) =>
        observe(file, config, access, implementation, read, chosen);
      const model = under(rules);
      if ('unmodelled' in model) {
        skipped[model.unmodelled] = (skipped[model.unmodelled] ?? 0) + 1;
        return;
      }
      checked++;
      if (agrees(model, access)) agreed++;
      else first ??= disagreement(configIndex, accessIndex, access, model);
      const needed = attribute(deviations, (candidate) => {
        const shown = under(candidate);
        return !('unmodelled' in shown) && agrees(shown, access);
      });
      if (needed === undefined) unnamed++;
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
  const { iova, write } = access;
  return {
    config,
    access: accessIndex,
    iova: hex(iova),
    write,
    expected: written(access),
    model: written(model),
  };
}

function written({ pa, events }: Observation): WrittenObservation {
  return {
    pa: pa === null ? null : hex(pa),
    events: events.map(({ type, ipa, ...rest }) => ({
      type: `0x${type.toString(16).padStart(2, '0')}`,
      ...rest,
      ...(ipa === undefined ? {} : { ipa: hex(ipa) }),
    })),
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
