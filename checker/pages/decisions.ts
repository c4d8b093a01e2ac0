import { FOLDER, pageOfRecord } from './decisions/cells.ts';
import type { TopicEvidence } from './decisions/evidence.ts';
import { indexPage } from './decisions/index-page.ts';
import { matrixPage } from './decisions/matrix-page.ts';
import { recordPage } from './decisions/record-page.ts';
import type { Page } from './markdown.ts';

/** The index of all decisions, a page for each, and a matrix for each topic. */
export function decisionPages(topics: readonly TopicEvidence[]): readonly Page[] {
  return [
    { path: `${FOLDER}/README.md`, content: indexPage(topics) },
    ...topics.map((evidence) => ({
      path: `${FOLDER}/${evidence.topic.name}.md`,
      content: matrixPage(evidence),
    })),
    ...topics.flatMap((evidence) =>
      evidence.topic.records.map((record) => ({
        path: `${FOLDER}/${pageOfRecord(record.id)}`,
        content: recordPage(record, evidence),
      })),
    ),
  ];
}
