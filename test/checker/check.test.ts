import { describe, expect, it } from 'vitest';
import { type CheckPlan, check, type Progress } from '../../checker/check.ts';
import { checkReportToJson } from '../../checker/report.ts';
import type { World } from '../../model/world/world.ts';
import {
  alloc,
  asIntended,
  atMostTwoIoases,
  generateTiny,
  noFlags,
  nothingHappens,
  open,
  other,
  stateProperty,
  tiny,
} from './fakes.ts';

const plan: CheckPlan = {
  scopes: [tiny],
  properties: [atMostTwoIoases, noFlags],
  selection: asIntended,
  generate: generateTiny,
  seed: 1,
  runs: 60,
  steps: 30,
  timeLimit: null,
};

const holds = stateProperty('holds', {});

/** The report's text, with the one field in it that is not determined. */
async function jsonOf(over: Partial<CheckPlan>): Promise<string> {
  return JSON.stringify({ ...checkReportToJson(await check({ ...plan, ...over })), seconds: 0 });
}

describe('a check', () => {
  it('reports the known minimal trace of each violated property', async () => {
    const { verdict, properties } = await check(plan);
    expect(verdict).toBe('violated');
    expect(properties.map(({ trace }) => trace?.guarantee)).toEqual(['1-minimal', '1-minimal']);
    const [three, flag] = properties.map(({ trace }) => trace?.steps.map(({ result: _, ...call }) => call));
    const { as: _, ...unnamed } = alloc('iommufd0', 'x');
    expect(three).toEqual([open('iommufd0'), unnamed, unnamed, unnamed]);
    expect(flag).toHaveLength(2);
    expect(flag?.[1]?.args).toEqual({
      fd: 'iommufd0',
      flags: expect.toSatisfy((flags) => flags === 1 || flags === 2),
    });
  });

  it('records how the model answered each step and what the property said', async () => {
    const { properties } = await check(plan);
    const trace = properties[0]?.trace;
    expect(trace?.steps.map(({ result }) => result)).toEqual([
      { ok: true, out: { fd: 3 } },
      { ok: true, out: { outIoasId: 1 } },
      { ok: true, out: { outIoasId: 2 } },
      { ok: true, out: { outIoasId: 3 } },
    ]);
    expect(trace).toMatchObject({
      scope: 'tiny',
      violation: 'there are 3 IOASes',
      design: { kernel: 'intended' },
    });
  });

  it('gives the same report byte for byte for the same seed', async () => {
    expect(await jsonOf({})).toBe(await jsonOf({}));
  });

  it('gives another for another seed', async () => {
    expect(await jsonOf({ seed: 2 })).not.toBe(await jsonOf({}));
  });

  it('makes the same run of a scope whichever other scopes there are', async () => {
    const alone = await check({ ...plan, runs: 10, properties: [holds] });
    const both = await check({ ...plan, runs: 20, scopes: [other, tiny], properties: [holds] });
    const without = await check({ ...plan, runs: 10, scopes: [other], properties: [holds] });
    const sum = (name: 'ioasAlloc' | 'destroy', outcome: string): number =>
      (alone.coverage[name][outcome] ?? 0) + (without.coverage[name][outcome] ?? 0);
    expect(both.coverage.ioasAlloc.ok).toBe(sum('ioasAlloc', 'ok'));
    expect(both.coverage.destroy.ENOENT).toBe(sum('destroy', 'ENOENT'));
  });

  it('holds where nothing is violated and every witness was reached', async () => {
    const report = await check({ ...plan, properties: [holds] });
    expect(report).toMatchObject({ verdict: 'holds', runs: 60, steps: 1800, stopped: null });
    expect(report.properties[0]).toMatchObject({ verdict: 'holds', scope: 'tiny', trace: null });
  });

  it('is vacuous where a witness was never reached', async () => {
    const report = await check({ ...plan, properties: [holds, nothingHappens] });
    expect(report.verdict).toBe('vacuous');
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'vacuous']);
    expect(report.properties[1]?.scope).toBeNull();
  });

  it('is violated rather than vacuous where it is both', async () => {
    const report = await check({ ...plan, properties: [nothingHappens, noFlags] });
    expect(report.verdict).toBe('violated');
  });

  it('is inconclusive where the time ended before the runs', async () => {
    const report = await check({ ...plan, properties: [holds], runs: 1_000_000, timeLimit: 150 });
    expect(report).toMatchObject({ verdict: 'inconclusive', stopped: 'time', plannedRuns: 1_000_000 });
    expect(report.runs).toBeGreaterThan(0);
    expect(report.runs).toBeLessThan(1_000_000);
  });

  it('ends with what it found when it is interrupted', async () => {
    const interrupt = new AbortController();
    const seen: Progress[] = [];
    const report = await check(
      { ...plan, properties: [holds, noFlags], runs: 1_000_000 },
      {
        signal: interrupt.signal,
        onProgress: (progress) => {
          seen.push(progress);
          interrupt.abort();
        },
      },
    );
    expect(report.stopped).toBe('interrupt');
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'violated']);
    expect(seen).toEqual([{ runs: report.runs, plannedRuns: 1_000_000, steps: report.steps, violated: 1 }]);
  });

  it.each([
    ['anywhere', () => true],
    ['in some worlds only', (world: World) => (world.processes['vmm:vm0']?.fds.length ?? 0) > 1],
  ])('tells of a property that throws %s that it cannot be judged there', async (_where, where) => {
    const broken = stateProperty('broken', {
      violated: (world) => {
        if (where(world)) throw new TypeError('a bug');
        return null;
      },
    });
    const report = await check({ ...plan, properties: [broken] });
    expect(report.properties[0]?.verdict).toBe('violated');
    expect(report.properties[0]?.trace?.violation).toBe('cannot be judged: a bug');
  });
});
