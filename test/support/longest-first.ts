import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, the longest first. Begun last, one of them would keep a core busy alone. Those that wait for processes stand
 * beside one that computes.
 */
const LONGEST = [
  'live/vtd/fake',
  'conformance/linux/recordings',
  'live/smmu/smmu',
  'counterexamples/counterexamples',
  'checker/watchdog',
  'docs/commands',
  'properties/broken-by',
  'checker/random/total',
  'live/qtest/export',
  'checker/assignability/table',
  'checker/total',
  'conformance/conform',
];

/** The order in which the files are begun; a shuffled one is not changed. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));
      return at === -1 ? LONGEST.length : at;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
