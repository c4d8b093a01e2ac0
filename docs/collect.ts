import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../checker/check.ts';
import { DEFAULTS } from '../checker/defaults.ts';
import { writeTraceFile } from '../checker/files.ts';
import { selectRules } from '../checker/select/rules.ts';
import { generateCall } from '../properties/generator/generate.ts';
import { PROPERTIES } from '../properties/index.ts';
import { SCOPES } from '../properties/scopes/index.ts';
import { ROOT } from './committed.ts';

/*
 * npm run counterexamples: what `nestcheck check --design kernel=linux-7.2` finds, one trace for each property
 * that a deviation must break, into counterexamples/<deviation>/<property>.json.
 */
const selection = await selectRules(['kernel=linux-7.2'], []);
const report = await check({
  scopes: SCOPES,
  properties: PROPERTIES,
  selection,
  generate: generateCall,
  ...DEFAULTS,
  timeLimit: null,
});
for (const { property, trace } of report.properties) {
  if (trace === null) continue;
  // Another deviation than the named one may have been found first; then it is for a person to see which.
  const deviation =
    selection.overrides.find(({ name }) => name === property.brokenBy)?.name ?? 'unattributed';
  const folder = join(ROOT, 'counterexamples', deviation);
  await mkdir(folder, { recursive: true });
  await writeTraceFile(join(folder, `${property.id}.json`), trace);
  process.stdout.write(`${deviation}/${property.id}: ${trace.steps.length} commands\n`);
}
