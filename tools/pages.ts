import { counterexampleIndex, counterexamplePage } from '../checker/pages/counterexample.ts';
import { decisionPages } from '../checker/pages/decisions.ts';
import { defectsPage } from '../checker/pages/defects.ts';
import { findingsPage } from '../checker/pages/findings.ts';
import type { Page } from '../checker/pages/markdown.ts';
import { mutationPage } from '../checker/pages/mutation.ts';
import { BEYOND_REACH } from '../overrides/defects/beyond.ts';
import { FINDINGS } from '../overrides/findings/index.ts';
import { DEFECTS } from '../overrides/index.ts';
import { PROPERTIES } from '../properties/index.ts';
import { assignabilityPages } from './assignability.ts';
import { committedCounterexamples } from './committed.ts';
import { readCodeMutation, readDefectData, readMutationData } from './data.ts';
import { topicEvidence } from './evidence.ts';
import { recordedPages } from './recorded.ts';
import { vmmPages } from './vmm-pages.ts';

export type { Page } from '../checker/pages/markdown.ts';

/** Folders in which every page is generated. */
export const GENERATED_FOLDERS: readonly string[] = ['counterexamples', 'docs/generated'];

/** Every page that is made from code and committed data. */
export async function generatedPages(): Promise<readonly Page[]> {
  const committed = await committedCounterexamples();
  const pages = committed.map((each) => ({
    path: each.page,
    content: counterexamplePage(each.trace, each),
  }));
  const index = counterexampleIndex(
    committed.map((each) => ({ ...each, page: each.page.replace('counterexamples/', '') })),
  );
  const mutation = await readMutationData();
  return [
    { path: 'counterexamples/README.md', content: index },
    ...pages,
    findingsPage(FINDINGS, committed),
    ...decisionPages(await topicEvidence(committed)),
    ...(await assignabilityPages()),
    ...vmmPages(),
    defectsPage({
      data: await readDefectData(),
      defects: DEFECTS,
      properties: PROPERTIES,
      beyond: BEYOND_REACH,
      traces: Object.fromEntries(
        committed
          .filter(({ override }) => override.kind === 'defect')
          .map(({ override, trace }) => [override.name, trace]),
      ),
    }),
    ...(await recordedPages()),
    ...(mutation.mutations.length === 0 ? [] : [mutationPage(mutation, await readCodeMutation())]),
  ];
}
