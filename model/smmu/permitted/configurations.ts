import type { Words } from '../../world/command.ts';
import { configure, type StreamConfiguration } from '../architecture/configuration.ts';
import type { IpaLookup } from '../architecture/ipa-lookup.ts';
import { addressIn } from '../architecture/ipa-lookup.ts';
import type { Fault, Refusal } from '../architecture/outcome.ts';
import { type Choose, everyWay } from './choices.ts';
import { lastConfigurationFlush } from './flushes.ts';
import { entriesOf } from './history.ts';
import { changesOf, memoryAt } from './memory-view.ts';
import type { Setting } from './setting.ts';
import { stage2Options } from './stage2-options.ts';

const NOW = Number.POSITIVE_INFINITY;

export type Configured = StreamConfiguration | Fault | Refusal;

/**
 * Every configuration of a stream that could be in use at a time: what STE and CD say at present, and what they said at any
 * time since they were last flushed before. An invalid STE or CD may be cached too.
 */
export function* configurationsOf(setting: Setting, streamId: number, asOf: number): Generator<Configured> {
  const { history, smmu } = setting;
  const since = lastConfigurationFlush(history, smmu, streamId, 'cd', asOf);
  for (const { words, stale } of stesOf(setting, streamId, asOf)) {
    const fetched = new Set<bigint>();
    yield* decoded(setting, words, NOW, since, stale, fetched);
    for (const time of changesOf(history, fetched, since))
      yield* decoded(setting, words, time, since, true, fetched);
  }
}

function* stesOf(
  { history, smmu, streamTable }: Setting,
  streamId: number,
  asOf: number,
): Generator<{ readonly words: Words; readonly stale: boolean }> {
  const present = streamTable[streamId];
  if (present !== null) yield { words: present ?? [], stale: false };
  const since = lastConfigurationFlush(history, smmu, streamId, 'ste', asOf);
  for (const change of entriesOf(history.stes)) {
    if (change.until <= since) break;
    if (change.smmu === smmu && change.streamId === streamId) yield { words: change.before, stale: true };
  }
}

/** The configuration that an STE leads to in memory as it was at a time; adds to `fetched` where its CD was read. */
function* decoded(
  setting: Setting,
  words: Words,
  time: number,
  since: number,
  staleSte: boolean,
  fetched: Set<bigint>,
): Generator<Configured> {
  const { history, implementation, read, rules } = setting;
  const memory = memoryAt(history, read, time);
  const attempts = everyWay((choose) => {
    let stale = staleSte || time !== NOW;
    const lookup = lookupOf(setting, choose, since, () => {
      stale = true;
    });
    const tracked = (address: bigint): bigint | undefined => {
      if (time === NOW) fetched.add(address);
      return memory(address);
    };
    const configuration = configure(words, undefined, implementation, tracked, rules, lookup);
    return { configuration, stale };
  }, setting.budget);
  for (const { configuration, stale } of attempts) {
    if (!stale || configuration.kind !== 'fault' || isCacheable(configuration)) yield configuration;
  }
}

function isCacheable({ name }: Fault): boolean {
  return name === 'C_BAD_STE' || name === 'C_BAD_CD';
}

/** Takes the SMMU's own fetches through stage 2 in any way that a cache permits. */
export function lookupOf(setting: Setting, choose: Choose, since: number, noteStale: () => void): IpaLookup {
  return {
    translate: (stage2, ipa, request) => {
      const options = stage2Options(setting, stage2, ipa, request, since);
      const option = options[options.length > 1 ? choose(options.length) : 0];
      if (option?.stale === true) noteStale();
      const result = option?.result;
      if (result === undefined) throw new Error('stage 2 has at least its present answer');
      return result.kind === 'leaf' ? addressIn(result, ipa) : result;
    },
    knows: () => false,
  };
}
