import { z } from 'zod';
import { COMMANDS } from '../../model/commands.ts';
import { ERRNO } from '../../spec/errno.ts';
import type { Coverage } from '../monitor.ts';
import { listOf, recordOf } from '../outside/lists.ts';
import { isPrintableLine } from '../outside/text.ts';
import { MAX_STEPS, MAX_TRACE_LENGTH, MAX_VIOLATION } from '../trace/limits.ts';
import type { SavedScopes } from './done.ts';
import type { SavedColumns, SavedSearch } from './saved.ts';

/*
 * The form of what a checkpoint says. Its checksum tells a torn file from a whole one, not a forged one from ours: what
 * could make a search go in circles, or read beyond what there is, is looked at here.
 */

/** Names, and sentences about them. */
const label = z
  .string()
  .max(MAX_VIOLATION)
  .refine(isPrintableLine, 'expected one line of printable characters');
const count = z.int().min(0);
/** Orbits are exact beyond 2^53 only where they are powers of two: they are numbers, and no more is asked. */
const amount = z.number().min(0);

const MANY = 10_000;

const outcome = z
  .string()
  .refine((name) => name === 'ok' || Object.hasOwn(ERRNO, name), 'expected an outcome');
const command = z.string().refine((name) => Object.hasOwn(COMMANDS, name), 'expected a command');
const coverage = recordOf(command, recordOf(outcome, count, MANY), MANY)
  .refine(
    (rows) => Object.keys(COMMANDS).every((name) => Object.hasOwn(rows, name)),
    'expected every command',
  )
  .transform((rows) => rows as Coverage);

const scopeReport = z.strictObject({
  scope: label,
  ended: z.enum(['exhausted', 'decided', 'depth', 'states', 'time', 'memory', 'interrupt']),
  complete: z.boolean(),
  states: count,
  unreducedStates: amount,
  moves: count,
  transitions: amount,
  depth: count,
  seconds: amount,
  bytesPerState: amount,
  collisions: amount,
});

const done = z.strictObject({
  scopes: listOf(scopeReport, MANY),
  coverages: listOf(coverage, MANY),
  traces: listOf(z.tuple([label, label, listOf(z.string().max(MAX_TRACE_LENGTH), MANY)]), MANY),
  witnesses: listOf(z.tuple([label, label]), MANY),
  inconclusive: listOf(label, MANY),
  seconds: amount,
});

const sighting = z.strictObject({
  property: label,
  state: count,
  move: count.nullable(),
  violation: label,
  rank: z.number(),
});

const search = z.strictObject({
  frontier: count,
  depth: count.max(MAX_STEPS),
  unreducedStates: amount,
  moves: count,
  transitions: amount,
  sightings: listOf(sighting, 100 * MANY),
  seen: z.strictObject({ coverage, witnesses: recordOf(z.string(), label, MANY) }),
  seconds: amount,
});

/** The first line of a checkpoint: everything but the columns. */
export interface Header {
  readonly identity: Readonly<Record<string, string>>;
  readonly states: number;
  readonly done: SavedScopes;
  readonly search: Omit<SavedSearch, 'columns'>;
}

export const headerSchema: z.ZodType<Header> = z
  .strictObject({
    identity: recordOf(z.string(), z.string(), 64),
    states: count.min(1),
    done,
    search,
  })
  .refine(
    ({ states, search: { frontier } }) => frontier <= states,
    'expected no more open states than states',
  )
  .refine(
    ({ states, search: { sightings } }) => sightings.every(({ state }) => state < states),
    'expected sightings in states that there are',
  );

/**
 * What is wrong with the columns; null where nothing is. States are numbered level by level, each behind the one that it
 * was come to from: else the way to a state would have no beginning.
 */
export function wrongColumns({ parents, backs }: SavedColumns, depth: number): string | null {
  const levels = new Uint16Array(parents.length);
  if (parents[0] !== 0) return 'the first state has a parent';
  for (let state = 1; state < parents.length; state++) {
    const parent = parents[state] as number;
    if (parent >= state) return `state ${state} comes before its parent`;
    const level = (levels[parent] as number) + 1;
    const before = levels[state - 1] as number;
    if (level > depth || level < before || level > before + 1) return `state ${state} is out of its level`;
    levels[state] = level;
  }
  for (let state = 0; state < backs.length; state++)
    if ((backs[state] as number) > parents.length) return `state ${state} leads back to none`;
  return null;
}
