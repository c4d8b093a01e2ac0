import { describe, expect, it } from 'vitest';
import { attempt } from '../../checker/attempt.ts';
import { explorationOf } from '../../checker/shortest/exploration-of.ts';
import { shorten } from '../../checker/shortest/shorten.ts';
import { guaranteeWords } from '../../checker/shortest/words.ts';
import { bootWorld } from '../../model/boot.ts';
import { bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { composeRules, intended, type Rules } from '../../model/rules.ts';
import { sameState } from '../../model/world/equal.ts';
import { OVERRIDES } from '../../overrides/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { committedCounterexamples } from '../../tools/committed.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { callOf, type Line } from '../support/script.ts';

function scopeOf(name: string) {
  const scope = SCOPES.find((each) => each.name === name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  return scope;
}

function withDefect(name: string, scopeName: string, propertyId: string, lines: readonly Line[]) {
  const rules: Rules = composeRules(OVERRIDES.filter((override) => override.name === name));
  const property = PROPERTIES.find(({ id }) => id === propertyId);
  if (property === undefined) throw new Error(`no property ${propertyId}`);
  const selection = { rules, design: {}, defects: [name] };
  return { scope: scopeOf(scopeName), selection, property, calls: lines.map((line) => callOf(line)) };
}

/** 1-minimal: nothing of it can be left out, though one device would do. */
const TWO_DEVICES: readonly Line[] = [
  ['openCdev', { device: 'dev3' }, 'cdev0'],
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['vfioBind', { fd: 'cdev0', iommufd: 'io' }, 'one'],
  ['hwptAlloc', { fd: 'io', flags: 1, devId: 'one', ptId: 'ioas' }, 'hwpt'],
  ['viommuAlloc', { fd: 'io', type: 1, devId: 'one', hwptId: 'hwpt' }, 'viommu'],
  ['openCdev', { device: 'dev0' }, 'cdev1'],
  ['vfioBind', { fd: 'cdev1', iommufd: 'io' }, 'other'],
  ['vdeviceAlloc', { fd: 'io', viommuId: 'viommu', devId: 'other' }],
  ['close', { fd: 'cdev1' }],
];

const LEFT_OVER = withDefect('unbind-leaves-vdevice', 'grouped', 'no-dangling-reference', TWO_DEVICES);

/** The traces of the repository, as what they say of themselves makes no difference here. */
const committed = await committedCounterexamples();

function callsOf({ trace }: (typeof committed)[number]): readonly Call[] {
  return trace.steps.map(({ result: _, ...call }) => call);
}

describe('a counterexample', () => {
  it('gives way to a shorter one, which is proved shortest and is the same each time', async () => {
    const [trace, again] = [await shorten(LEFT_OVER, 5000), await shorten(LEFT_OVER, 5000)];
    expect(trace.steps.map(({ command }) => command)).toEqual([
      ...[
        'openIommufd',
        'openCdev',
        'vfioBind',
        'ioasAlloc',
        'hwptAlloc',
        'viommuAlloc',
        'vdeviceAlloc',
        'close',
      ],
    ]);
    expect(trace).toMatchObject({ guarantee: 'shortest', bound: { depth: 7, alphabet: 'explored' } });
    expect(again).toEqual(trace);
  });

  it('is marked with how far the search came where states run out', async () => {
    const trace = await shorten(LEFT_OVER, 12);
    expect(trace.steps).toHaveLength(TWO_DEVICES.length);
    expect(trace.guarantee).toBe('1-minimal');
    expect(trace.bound?.depth).toBeGreaterThan(0);
    expect(trace.bound?.depth).toBeLessThan(7);
    expect(guaranteeWords('1-minimal', trace)).toContain(
      `no sequence of up to ${trace.bound?.depth} commands`,
    );
  });

  it('is compared with nothing where it uses an id that is gone, which states do not tell apart', () => {
    const gone: readonly Line[] = [
      ['openIommufd', {}, 'io'],
      ['ioasAlloc', { fd: 'io' }, 'ioas'],
      ['destroy', { fd: 'io', id: 'ioas' }],
      ['ioasUnmap', { fd: 'io', ioasId: 'ioas', length: 4097n }],
    ];
    const setting = { scope: scopeOf('one-smmu'), rules: intended };
    expect(
      explorationOf(
        setting,
        gone.map((line) => callOf(line)),
      ),
    ).toBeNull();
    expect(
      explorationOf(
        setting,
        gone.slice(0, 3).map((line) => callOf(line)),
      )?.alphabet,
    ).toBe('explored');
  });

  it('is compared with sequences among which are its own: each of its commands is tried where it makes it', () => {
    const missing: string[] = [];
    for (const each of committed) {
      const { scope, rules, path } = each;
      const calls = callsOf(each);
      const compared = explorationOf({ scope, rules }, calls);
      if (compared === null) {
        missing.push(path);
        continue;
      }
      const { alphabet, within } = compared.exploration;
      let world = bootWorld(scope.platform);
      let bindings = NO_BINDINGS;
      for (const call of calls) {
        const command = resolveCall(call, bindings);
        if (!alphabet(world).some((tried) => sameState(tried, command)))
          missing.push(`${path} ${call.command}`);
        const done = attempt(world, command, rules);
        if (!within(done.world)) missing.push(`${path} leaves at ${call.command}`);
        bindings = bindResult(call, done.result, bindings);
        world = done.world;
      }
    }
    expect(missing).toEqual([]);
  });
});
