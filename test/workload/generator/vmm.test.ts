import { describe, expect, it } from 'vitest';
import { VMM_COMMANDS, type VmmCommandName } from '../../../model/vmm/command.ts';
import { outcomeOf } from '../../../workload/coverage/outcome.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { sweep } from '../../support/sweep.ts';
import { drawsFrom, randomRun } from './random-run.ts';

/** Every way in which a step of an operator or a guest can end under the intended rules, somewhere. */
const NAMES = Object.keys(VMM_COMMANDS) as VmmCommandName[];

const OUTCOMES: Readonly<Record<VmmCommandName, readonly string[]>> = {
  boot: ['EBUSY', 'ok'],
  reset: ['EPERM', 'ok'],
  plug: ['EADDRINUSE', 'EBUSY', 'EEXIST', 'EINVAL', 'ENODEV', 'EOPNOTSUPP', 'ok'],
  unplug: ['ENOENT', 'ok'],
  migrate: ['EBUSY', 'EINVAL', 'ENODEV', 'EOPNOTSUPP', 'EPERM', 'ok'],
  liveUpdate: ['EPERM', 'ok'],
  serveEvents: ['ENODEV', 'ENOENT', 'ok'],
  readId: ['EPERM', 'ok'],
  writeCr0: ['EPERM', 'ok'],
  writeGbpa: ['EPERM', 'ok'],
  writeRegister: ['EINVAL', 'EPERM', 'ok'],
  readRegister: ['EINVAL', 'EPERM', 'ok'],
  storeGuest: ['EINVAL', 'EPERM', 'ok'],
  writeSte: ['EINVAL', 'EPERM', 'ok'],
  issueCommands: ['EPERM', 'ok'],
  acknowledge: ['EPERM', 'ok'],
  renumber: ['EINVAL', 'ENODEV', 'EPERM', 'ok'],
  readEvents: ['EPERM', 'ok'],
  programVector: ['EINVAL', 'ok'],
  enableVector: ['ok'],
  disableVector: ['ok'],
};

const scopes = SCOPES.filter(({ platform }) => platform.vmHardware !== undefined);

/** How the steps of operators and guests end in a run. */
function endsOf(scope: Scope, seed: number): readonly string[] {
  return [...randomRun(scope, drawsFrom(seed), 60)]
    .filter(({ call }) => Object.hasOwn(VMM_COMMANDS, call.command))
    .map(({ call, result }) => `${call.command} ${outcomeOf(result)}`);
}

describe('runs of machines with vSMMUs', () => {
  it('end every command in every way there is', () => {
    const ends = NAMES.flatMap((command) => OUTCOMES[command].map((outcome) => `${command} ${outcome}`));
    const others = new Set<string>();
    const never = sweep('ends of steps of VMMs', ends, 300 * scopes.length, (place, missing) => {
      const scope = scopes[place % scopes.length] as Scope;
      const pairs = endsOf(scope, 1 + Math.floor(place / scopes.length));
      for (const pair of pairs) if (!ends.includes(pair)) others.add(pair);
      return pairs.filter((pair) => missing.has(pair));
    });
    expect(never).toEqual([]);
    for (const scope of scopes)
      for (let seed = 1; seed <= 4; seed++)
        for (const pair of endsOf(scope, seed)) if (!ends.includes(pair)) others.add(pair);
    expect([...others]).toEqual([]);
  });

  it.each(scopes)('on $name: equal draws give equal traces', (scope) => {
    const calls = (seed: number) => [...randomRun(scope, drawsFrom(seed), 60)].map(({ call }) => call);
    expect(calls(7)).toEqual(calls(7));
    expect(calls(7)).not.toEqual(calls(8));
  });

  it.each(scopes)('on $name: in at least 16 of 40 a guest translates', (scope) => {
    let translating = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const run = [...randomRun(scope, drawsFrom(seed), 60)];
      if (run.some(({ world }) => world.devices.some(({ vmaster }) => vmaster !== null))) translating++;
    }
    expect(translating).toBeGreaterThanOrEqual(16);
  });
});
