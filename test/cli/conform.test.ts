import { describe, expect, it } from 'vitest';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

describe('nestcheck conform', () => {
  const RECORDING = 'conformance/recordings/linux-7.2.13/smmuv3-scenario.jsonl.gz';

  it('exits 1 where only named deviations part the model from a recording', async () => {
    const { code, stdout } = await nestcheck(['conform', RECORDING, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'nestcheck/1',
      command: 'conform',
      files: [{ file: RECORDING, first: null }],
    });
  });

  it('exits 0 where the design expects them', async () => {
    const { code, stdout } = await nestcheck([
      'conform',
      RECORDING,
      '--design',
      'kernel=linux-7.2,smmu=qemu-11',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/: agrees$/m);
  });

  it('exits 1 where the model does not agree, and names the first difference', async () => {
    const rules = '{ virtIdIsUnique: () => false }';
    const path = await file(
      'other.ts',
      `export default { name: 'n', summary: 's', source: 's', rules: ${rules} };`,
    );
    const { code, stdout } = await nestcheck(['conform', RECORDING, '--design', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^ {2}first difference at line \d+: .*\n(?: {4}.*\n)* {4}recorded: .*\n {4}model: /m,
    );
  });

  it('exits 2 for what is no recording, naming the line', async () => {
    const path = await file('wrong.jsonl', '{}\n');
    const { code, stderr } = await nestcheck(['conform', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${path}:1: `);
  });
});
