import { describe, expect, it } from 'vitest';
import { Space } from '../../../checker/explore/space.ts';
import { bootWorld } from '../../../model/boot.ts';
import { bindResult, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { World } from '../../../model/world/world.ts';
import { explorationByName } from '../../../workload/alphabet/index.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { drawsFrom } from '../../workload/generator/random-run.ts';

/*
 * Two worlds that differ in one leaf, at any depth, have different fingerprints, or the leaf is listed here with the reason
 * why no later answer depends on it.
 */
const NOT_IN_GRAPH: Readonly<Record<string, string>> = {
  'contexts.*.groups.*.swMsiStart': 'one constant of the driver: only whether it was noted counts',
  'contexts.*.objects.*.domain.enableAts': 'follows from the STE',
  'contexts.*.objects.*.domain.geometry.writableOnly': 'follows from the IOMMU and what the HWPT is for',
  'contexts.*.objects.*.groups.*.devId': 'the device is drawn',
  'contexts.*.objects.*.vmid': 'only compared: that one is shared is drawn',
  'processes.*.mappings.*.va': 'a name: that two share a place is drawn',
  'vms.*.vsmmus.*.backings.*.veventq.fd': 'a name: the file is drawn',
  'vms.*.vsmmus.*.devices.*.devId': 'a name: the object is drawn',
  'vms.*.vsmmus.*.devices.*.fd': 'a name: the file is drawn',
};

const RUNS = 3;
const STEPS = 50;
/** Leaves of one kind that are tried before it is taken not to be drawn. */
const TRIES = 12;

type Path = readonly (string | number)[];

function* leavesOf(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    for (const key of Object.keys(value)) {
      if (path.length === 0 && key === 'platform') continue;
      yield* leavesOf((value as Record<string, unknown>)[key], [...path, isList ? Number(key) : key]);
    }
  } else if (value !== null && value !== undefined) yield path;
}

function kindOf(path: Path): string {
  return path.map((part) => (typeof part === 'number' || /[:\d]/.test(part) ? '*' : part)).join('.');
}

function other(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return value + 1n;
    case 'number':
      return value + 1;
    case 'boolean':
      return !value;
    default:
      return `${value}x`;
  }
}

function changed(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return other(value);
  const copy = (Array.isArray(value) ? value.slice() : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = changed(copy[key], rest);
  return copy;
}

function* worldsOf(scope: Scope): Generator<World> {
  const draw = drawsFrom(1);
  for (let run = 0; run < RUNS; run++) {
    let world = bootWorld(scope.platform);
    let bindings = NO_BINDINGS;
    for (let at = 0; at < STEPS; at++) {
      const call = generateCall(scope, world, bindings, draw);
      const done = step(world, resolveCall(call, bindings), intended);
      bindings = bindResult(call, done.result, bindings);
      world = done.world;
      if (at % 7 === 6) yield world;
    }
  }
}

const base = explorationByName('one-smmu');

/** Kinds of leaves that were changed on a scope, and of those the ones that no fingerprint shows. */
function unseenOn(scope: Scope): { readonly all: ReadonlySet<string>; readonly unseen: readonly string[] } {
  if (base === undefined) throw new Error('no exploration');
  const space = new Space({ ...base, scope, interchangeable: false, events: true }, intended, true);
  const tries = new Map<string, number>();
  const seen = new Set<string>();
  for (const world of worldsOf(scope)) {
    space.look({ world, slots: null });
    const { lo, hi } = space;
    for (const path of leavesOf(world)) {
      const kind = kindOf(path);
      const tried = tries.get(kind) ?? 0;
      if (seen.has(kind) || tried >= TRIES) continue;
      tries.set(kind, tried + 1);
      try {
        space.look({ world: changed(world, path) as World, slots: null });
        if (space.lo !== lo || space.hi !== hi) seen.add(kind);
      } catch {
        // A world that cannot be drawn is not taken for another.
        seen.add(kind);
      }
    }
  }
  return { all: new Set(tries.keys()), unseen: [...tries.keys()].filter((kind) => !seen.has(kind)) };
}

describe('every leaf of a world', () => {
  it('is in its fingerprint, or is listed with the reason', () => {
    const all = new Set<string>();
    const unseen = new Set<string>();
    const found = SCOPES.map(unseenOn);
    for (const each of found) for (const kind of each.all) all.add(kind);
    for (const kind of all)
      if (found.every((each) => !each.all.has(kind) || each.unseen.includes(kind))) unseen.add(kind);
    expect([...unseen].sort()).toEqual(Object.keys(NOT_IN_GRAPH).sort());
    expect(all.size).toBeGreaterThan(200);
  });
});
