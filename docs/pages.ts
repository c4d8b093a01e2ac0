import { counterexampleIndex, counterexamplePage } from '../checker/pages/counterexample.ts';
import { decisionPages } from '../checker/pages/decisions.ts';
import { committedCounterexamples } from './committed.ts';

/** A generated file: its path in the repository and what must be in it. */
export interface Page {
  readonly path: string;
  readonly content: string;
}

/** Every page that is made from code and committed data. */
export async function generatedPages(): Promise<readonly Page[]> {
  const committed = await committedCounterexamples();
  const pages = committed.map((each) => ({
    path: pageOf(each.path),
    content: counterexamplePage(each.trace, each),
  }));
  const index = counterexampleIndex(
    committed.map((each) => ({ ...each, page: pageOf(each.path).replace('counterexamples/', '') })),
  );
  return [{ path: 'counterexamples/README.md', content: index }, ...pages, ...(await decisionPages())];
}

function pageOf(trace: string): string {
  return trace.replace(/\.json$/, '.md');
}
