import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nestcheck } from './terminal.ts';

describe('nestcheck record', () => {
  it.each([
    ['no file to write', ['record', '--', 'true'], /expected -o <file>/],
    [
      'a name that conform does not read',
      ['record', '-o', 'vm.json', '--', 'true'],
      /expected a name that ends in \.jsonl/,
    ],
    ['nothing to record', ['record', '-o', 'vm.jsonl'], /expected a command behind --, or --pid/],
    ['two things to record', ['record', '-o', 'vm.jsonl', '--pid', '1', '--', 'true'], /or --pid/],
    ['no process', ['record', '-o', 'vm.jsonl', '--pid', '0'], /--pid/],
    ['a machine that there is not', ['record', '--build', 'recorder', '--for', 'vax'], /x86-64, arm64/],
    ['something to record beside --build', ['record', '--build', 'recorder', '--', 'true'], /--build/],
    ['a folder that is not there', ['record', '-o', '/nowhere/vm.jsonl', '--', 'true'], /cannot be written/],
  ])('exits 2 for %s, with one line', async (_, argv, said) => {
    const { code, stderr } = await nestcheck(argv);
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('compiles the recorder once, and records a program; exits 2 for one that cannot be started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nestcheck-record-'));
    const output = join(folder, 'vm.jsonl');
    const env = { NESTCHECK_LAB: folder, PATH: process.env.PATH };
    const first = await nestcheck(['record', '-o', output, '--', 'true'], { env });
    expect([first.code, first.stderr]).toEqual([
      0,
      `compiling the recorder (native)\nthe VMM ended with status 0; recorded in ${output}\n`,
    ]);
    expect(JSON.parse((await readFile(output, 'utf8')).split('\n')[0] ?? '')).toMatchObject({
      recorder: 'nestcheck-recorder/1',
      command: ['true'],
    });
    const second = await nestcheck(['record', '-o', output, '--', '/nowhere/vmm'], { env });
    expect([second.code, second.stderr]).toEqual([
      2,
      'nestcheck: record: cannot start it: No such file or directory\n',
    ]);
  });
});
