import { scopeByName } from '../workload/scopes/index.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { benchDma } from './dma.ts';
import { benchSteps } from './steps.ts';
import { benchWalks } from './walks.ts';

/*
 * npm run bench: how fast the hot paths are. Compare figures of one run with each other, not with another machine's.
 */
function scopeOf(name: string): Scope {
  const scope = scopeByName(name);
  if (scope === undefined) throw new Error(`the scope ${name} is gone`);
  return scope;
}

process.stdout.write(`node ${process.version}, one thread\n`);
benchSteps(scopeOf('two-smmus'));
benchDma(scopeOf('guest-dma'));
await benchWalks();
