import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageOfRecord } from '../../checker/pages/decisions/cells.ts';
import { ANSWERS } from '../../spec/decisions/answers/index.ts';
import { DECISIONS } from '../../spec/decisions/index.ts';
import { ROOT } from '../../tools/committed.ts';
import claims from '../data/seed-claims.json' with { type: 'json' };

describe('every claim of the threads', () => {
  it('is one of seventy', () => {
    expect(claims.map(({ id }) => id)).toEqual(Array.from({ length: 70 }, (_, at) => `D-${at + 1}`));
  });

  it.each(claims.map(({ id, claim }) => [id, claim] as const))(
    '%s (%s) has a page that begins with its answer',
    async (id) => {
      const record = DECISIONS.find((each) => each.id === id);
      const answer = ANSWERS[id];
      expect(record).toBeDefined();
      expect(answer).toBeDefined();
      if (record === undefined || answer === undefined) return;
      const page = await readFile(join(ROOT, 'docs/generated/decisions', pageOfRecord(id)), 'utf8');
      const [title = '', blank, first = ''] = page.split('\n');
      expect(title).toBe(`# ${id}: ${record.question}`);
      expect(blank).toBe('');
      expect(first).toContain(answer.answer);
      expect(first).toMatch(/Traces?( of every way)?: |No violation found: /);
      expect(answer.verdicts).toHaveLength(record.alternatives.length);
      for (const verdict of answer.verdicts) expect(page).toContain(verdict);
    },
  );
});
