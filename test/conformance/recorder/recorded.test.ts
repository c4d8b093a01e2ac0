import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeFile } from '../../../conformance/index.ts';
import { resolveDesign } from '../../../overrides/index.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';

const FOLDER = join(import.meta.dirname, '../../../conformance/recordings/recorded-7.2.13');

const resolved = resolveDesign(['kernel=linux-7.2']);
if ('error' in resolved) throw new Error(resolved.error);
const DESIGN = resolved.overrides;

const NAMES = { design: {}, defects: [] };

/**
 * Programs that play VMMs, recorded on arm64 by the recorder: Linux 7.2.13 with its arm-smmu-v3 driver answered them
 * (`test/properties/calls/*.steps` says what they do).
 */
describe('a VMM that the recorder recorded on a real kernel', () => {
  const cases: readonly (readonly [name: string, broken: readonly string[]])[] = [
    ['good', []],
    ...CALLS_PROPERTIES.filter(({ brokenBy }) => !['unread-events', 'shallow-queue'].includes(brokenBy)).map(
      ({ id, brokenBy }) => [brokenBy, [id]] as const,
    ),
  ];

  it.each(cases)('%s got the answers that the model gives, and breaks %j', async (name, broken) => {
    const { report, judgements } = await judgeFile(
      join(FOLDER, `${name}.jsonl.gz`),
      DESIGN,
      CALLS_PROPERTIES,
      NAMES,
    );
    expect(report.first).toBeNull();
    expect(report.checked).toBeGreaterThan(20);
    expect(report.agreed).toBe(report.checked);
    expect([report.machine, report.kernel]).toEqual(['one-smmu', '7.2.13']);
    const violated = judgements
      .filter(({ verdict }) => verdict === 'violated')
      .map(({ property }) => property.id);
    expect(violated).toEqual(broken);
  });
});

describe('QEMU 11.1.3 with a vSMMU, recorded by the recorder on Linux 7.2.13 with KVM', () => {
  const PATH = join(FOLDER, 'qemu-11.1.3-basic.jsonl.gz');

  it('got every answer that the model gives, and was on the nesting parent before anything was asked for', async () => {
    const { report, judgements } = await judgeFile(PATH, DESIGN, CALLS_PROPERTIES, NAMES);
    const { checked, agreed, first, machine } = report;
    expect([checked, agreed, first, machine]).toEqual([91, 91, null, 'two-smmus']);
    const violated = judgements
      .filter(({ verdict }) => verdict === 'violated')
      .map(({ property }) => property.id);
    expect(violated).toMatchSnapshot();
  });
});
