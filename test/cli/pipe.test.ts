import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';

const CLI = join(ROOT, 'dist/bundle/cli.js');

describe('output that is not taken', () => {
  it('ends the command without a word where its reader has enough', () => {
    const piped = `"$0" "$1" list rules | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', piped, process.execPath, CLI], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '141\n', stderr: '' });
  });

  it('is an error where the disk is full', () => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'list', 'rules'], {
      stdio: [...stdio],
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toBe('nestcheck: the output cannot be written (ENOSPC)\n');
  });
});
