import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Finding } from '../../live/finding.ts';
import { saveFindings } from '../../live/save.ts';
import type { LiveSequence } from '../../live/step.ts';
import { intended } from '../../model/rules.ts';
import { DESCRIBED } from './machine.ts';

function finding(kind: string, sequence: LiveSequence): Finding {
  const about = { is: 'difference', kind, name: null, command: kind, real: 'ok', model: 'EINVAL' } as const;
  const ran = { lines: [], steps: [], end: 'ok', files: -1 } as const;
  return { ...about, sequence, ran, minimal: true, steady: true, console: '', run: 0, count: 1 };
}

it('a finding that is calls alone is saved with a program that asserts what the model says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-save-'));
  const calls: LiveSequence = [
    { kind: 'call', call: { actor: 'vmm:process', command: 'openIommufd', args: {}, as: 'iommufd0' } },
    {
      kind: 'call',
      call: { actor: 'vmm:process', command: 'ioasAlloc', args: { fd: 'iommufd0', flags: 1 } },
    },
  ];
  const moves: LiveSequence = [{ kind: 'msi', device: '0000:00:02.0' }];
  await saveFindings(folder, [finding('calls', calls), finding('moves', moves)], DESCRIBED, intended);
  expect((await readdir(folder)).sort()).toEqual([
    '01-difference-calls.c',
    '01-difference-calls.jsonl',
    '01-difference-calls.txt',
    '02-difference-moves.jsonl',
    '02-difference-moves.txt',
  ]);
  const program = await readFile(join(folder, '01-difference-calls.c'), 'utf8');
  expect(program).toContain('expect(2, "IOMMU_IOAS_ALLOC", ret, EOPNOTSUPP);');
});
