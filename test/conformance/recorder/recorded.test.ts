import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformFile, judge, type Kept } from '../../../conformance/index.ts';
import { resolveDesign } from '../../../overrides/index.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';

const FOLDER = join(import.meta.dirname, '../../../conformance/recordings/recorded-7.2.13');

const resolved = resolveDesign(['kernel=linux-7.2']);
if ('error' in resolved) throw new Error(resolved.error);
const DESIGN = resolved.overrides;

/**
 * Programs that play VMMs, recorded on arm64 by the recorder: Linux 7.2.13 with its arm-smmu-v3 driver answered them
 * (`test/properties/calls/*.steps` says what they do).
 */
describe('a VMM that the recorder recorded on a real kernel', () => {
  it.each<readonly [string, readonly string[]]>([
    ['good', []],
    ...CALLS_PROPERTIES.filter(({ brokenBy }) => !['unread-events', 'shallow-queue'].includes(brokenBy)).map(
      ({ id, brokenBy }) => [brokenBy, [id]] as const,
    ),
  ])('%s got the answers that the model gives, and breaks %j', async (name, broken) => {
    let kept: Kept | null = null;
    const report = await conformFile(join(FOLDER, `${name}.jsonl.gz`), DESIGN, (all) => {
      kept = all;
    });
    expect(report.first).toBeNull();
    expect(report.checked).toBeGreaterThan(20);
    expect(report.agreed).toBe(report.checked);
    expect([report.machine, report.kernel]).toEqual(['one-smmu', '7.2.13']);
    if (kept === null) throw new Error('nothing was kept');
    const violated = judge(kept, CALLS_PROPERTIES, { design: {}, defects: [] })
      .filter(({ verdict }) => verdict === 'violated')
      .map(({ property }) => property.id);
    expect(violated).toEqual(broken);
  });
});
