import { join } from 'node:path';
import { assignabilityToJson } from '../checker/assignability/report.ts';
import { deriveCells } from '../checker/assignability/table.ts';
import { writeWhole } from '../checker/files.ts';
import { ALL_HARDWARE } from '../spec/pasid/descriptions.ts';
import { ROOT } from './committed.ts';

/*
 * npm run assignability [-- HARDWARE...]: derives the table of what can be assigned, for every description that comes with
 * the model or those named, into docs/generated/decisions/assignability.json, from which its page is made.
 */
const named = process.argv.slice(2);
const hardware = ALL_HARDWARE.filter(({ name }) => named.length === 0 || named.includes(name));
const cells = hardware.flatMap(deriveCells);
const json = { format: 'nestcheck-assignability/1', ...assignabilityToJson(cells, hardware) };
const file = join(ROOT, 'docs/generated/decisions/assignability.json');
await writeWhole(file, `${JSON.stringify(json, null, 1)}\n`);
