import { counterexampleIndex, counterexamplePage } from '../checker/pages/counterexample.ts';
import { decisionPages } from '../checker/pages/decisions.ts';
import type { Page } from '../checker/pages/markdown.ts';
import { assignabilityPages } from './assignability.ts';
import { committedCounterexamples } from './committed.ts';
import { topicEvidence } from './evidence.ts';

export type { Page } from '../checker/pages/markdown.ts';

/** Folders in which every page is generated. */
export const GENERATED_FOLDERS: readonly string[] = ['counterexamples', 'docs/decisions'];

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
  return [
    { path: 'counterexamples/README.md', content: index },
    ...pages,
    ...decisionPages(await topicEvidence(committed)),
    ...(await assignabilityPages()),
  ];
}
