import { describe, expect, it } from 'vitest';
import { VMM_COMMANDS, type VmmCommandName } from '../../../model/vmm/command.ts';
import { outcomeOf } from '../../../workload/coverage/outcome.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
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

describe('runs of machines with vSMMUs', () => {
  it('end every command in every way there is', () => {
    const seen = new Map<string, Set<string>>();
    const complete = (): boolean =>
      NAMES.every((command) => OUTCOMES[command].every((each) => seen.get(command)?.has(each)));
    for (let seed = 1; seed <= 300 && !(seed > 60 && complete()); seed++) {
      for (const scope of scopes) {
        for (const { call, result } of randomRun(scope, drawsFrom(seed), 60)) {
          const row = seen.get(call.command) ?? new Set();
          seen.set(call.command, row.add(outcomeOf(result)));
        }
      }
    }
    for (const command of NAMES)
      expect([...(seen.get(command) ?? [])].sort(), command).toEqual(OUTCOMES[command]);
  });

  it.each(scopes)('on $name: equal draws give equal traces', (scope) => {
    const calls = (seed: number) => [...randomRun(scope, drawsFrom(seed), 60)].map(({ call }) => call);
    expect(calls(7)).toEqual(calls(7));
    expect(calls(7)).not.toEqual(calls(8));
  });

  it.each(scopes)('on $name: in at least 40 of 100 a guest translates', (scope) => {
    let translating = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const run = [...randomRun(scope, drawsFrom(seed), 60)];
      if (run.some(({ world }) => world.devices.some(({ vmaster }) => vmaster !== null))) translating++;
    }
    expect(translating).toBeGreaterThanOrEqual(40);
  });
});
