import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readScript } from '../../../checker/script/read.ts';
import { judge } from '../../../conformance/index.ts';
import { bootWorld } from '../../../model/boot.ts';
import { type Bindings, bindResult, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';

/** What all of these properties say of a VMM's steps. */
async function judged(name: string) {
  const { scope, calls } = readScript(await readFile(new URL(`${name}.steps`, import.meta.url), 'utf8'));
  const platform = scopeByName(scope ?? '')?.platform;
  if (platform === undefined) throw new Error(`${name}: no scope`);
  let world = bootWorld(platform);
  let bindings: Bindings = NO_BINDINGS;
  const commands = calls.map((call, line) => {
    const command = resolveCall(call, bindings);
    const done = step(world, command, intended);
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
    return { command, line };
  });
  const kept = { platform, rules: intended, commands };
  return judge(kept, CALLS_PROPERTIES, { design: {}, defects: [] });
}

describe('what a VMM can get wrong, over its calls alone', () => {
  it('is nothing that a VMM does which gets it right, and all of it comes up there', async () => {
    const verdicts = (await judged('good')).map(({ property, verdict }) => [property.id, verdict]);
    expect(verdicts).toEqual(CALLS_PROPERTIES.map(({ id }) => [id, 'holds']));
  });

  it.each(CALLS_PROPERTIES.map((property) => [property.id, property] as const))(
    '%s is broken by a VMM that does just that, and by no other mutant of them',
    async (id, { brokenBy }) => {
      const violated = (await judged(brokenBy)).filter(({ verdict }) => verdict === 'violated');
      expect(violated.map(({ property }) => property.id)).toEqual([id]);
      const [{ trace } = { trace: null }] = violated;
      expect(trace?.guarantee).toBe('1-minimal');
      expect(trace?.violation).not.toBeNull();
      expect({ steps: trace?.steps.map(({ actor, command }) => `${actor} ${command}`) }).toMatchSnapshot();
    },
  );
});
