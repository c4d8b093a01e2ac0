import { scopeByName } from '../properties/scopes/index.ts';
import { benchSteps } from './steps.ts';
import { benchWalks } from './walks.ts';

/*
 * npm run bench: how fast the hot paths are. Compare figures of one run with each other, not with another machine's.
 */
process.stdout.write(`node ${process.version}, one thread\n`);
const scope = scopeByName('two-smmus');
if (scope === undefined) throw new Error('the scope two-smmus is gone');
benchSteps(scope);
await benchWalks();
