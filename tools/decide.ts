import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../checker/check.ts';
import { DEFAULTS } from '../checker/defaults.ts';
import { writeTraceFile } from '../checker/files.ts';
import { selectRules } from '../checker/select/rules.ts';
import { TOPICS } from '../spec/decisions/index.ts';
import { generateCall } from '../workload/generator/generate.ts';
import { scopeByName } from '../workload/scopes/index.ts';
import { folderOfDesign, ROOT } from './committed.ts';
import { culprit } from './culprit.ts';
import { planOf, type TopicPlan } from './topics.ts';
import { readVerdicts, type TopicVerdicts, writeVerdicts } from './verdicts.ts';

/*
 * npm run verdicts [-- TOPIC...]: checks every design of the topics (all of them, unless some are named) for every
 * property that decides their questions. Verdicts go to docs/generated/decisions/verdicts.json, and each counterexample to
 * counterexamples/<override>/<property>.json.
 */
const named = process.argv.slice(2);
const wanted = TOPICS.filter(({ name }) => named.length === 0 || named.includes(name));
const before = await readVerdicts().catch(() => ({ topics: [] }));
const made = new Map<string, TopicVerdicts>();
for (const topic of wanted) made.set(topic.name, await decide(planOf(topic)));
const topics = TOPICS.flatMap(({ name }) => {
  return made.get(name) ?? before.topics.find((each) => each.topic === name) ?? [];
});
await writeVerdicts({ format: 'nestcheck-verdicts/1', topics });

async function decide(plan: TopicPlan): Promise<TopicVerdicts> {
  const { topic, scopes, properties } = plan;
  const { seed, steps } = DEFAULTS;
  const designs: TopicVerdicts['designs'] = {};
  for (const design of plan.designs) designs[design] = await verdictsOf(design, plan);
  const names = scopes.map(({ name }) => name);
  process.stdout.write(`${topic.name}: ${properties.length} properties\n`);
  return { topic: topic.name, runs: topic.runs, steps, seed, scopes: names, designs };
}

async function verdictsOf(
  design: string,
  { topic, scopes, properties }: TopicPlan,
): Promise<TopicVerdicts['designs'][string]> {
  const selection = await selectRules(design === '' ? [] : [design], []);
  const { seed, steps } = DEFAULTS;
  const report = await check({
    scopes,
    properties,
    selection,
    generate: generateCall,
    seed,
    steps,
    runs: topic.runs,
    timeLimit: null,
  });
  const verdicts: TopicVerdicts['designs'][string] = {};
  for (const { property, verdict, trace } of report.properties) {
    // Without a time limit no check is inconclusive.
    verdicts[property.id] = verdict === 'inconclusive' ? 'vacuous' : verdict;
    const scope = trace === null ? undefined : scopeByName(trace.scope);
    if (trace === null || scope === undefined) continue;
    const override = culprit(selection.overrides, scope, property, trace);
    const folder = join(ROOT, 'counterexamples', override?.name ?? folderOfDesign(design));
    await mkdir(folder, { recursive: true });
    await writeTraceFile(join(folder, `${property.id}.json`), trace);
  }
  process.stdout.write(`${design}: ${Object.values(verdicts).join(' ')}\n`);
  return verdicts;
}
