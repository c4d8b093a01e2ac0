import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { readTraceFile } from '../../checker/files.ts';
import { ROOT } from '../../tools/committed.ts';

const LENGTH = 16_000_000;

/** Begins to write a long file, and kills itself as soon as the first part of it is on the disk. */
const SCRIPT = `
  import { readdirSync, statSync } from 'node:fs';
  import { dirname, join } from 'node:path';
  import { writeWhole } from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist/checker/files.js')).href)};
  const path = process.argv[1];
  void writeWhole(path, 'y'.repeat(${LENGTH}));
  const look = () => {
    const sizes = readdirSync(dirname(path)).map((name) => [name, statSync(join(dirname(path), name)).size]);
    if (sizes.some(([name, size]) => !name.endsWith('.json') && size > 0)) process.kill(process.pid, 'SIGKILL');
    setImmediate(look);
  };
  look();
`;

it('a file is whole though its writer is killed in the middle', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
  const path = join(folder, 'trace.json');
  const trace = join(ROOT, 'counterexamples/registers-inherited/boots-without-a-device.json');
  await writeFile(path, await readFile(trace, 'utf8'));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT, path]);
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  expect(await readTraceFile(path)).toEqual(await readTraceFile(trace));
  // What it had written is beside, and does not look like a file of ours.
  const beside = (await readdir(folder)).filter((name) => name !== 'trace.json');
  expect(beside).toEqual([expect.stringMatching(/^trace\.json\.\d+-\d+\.tmp$/)]);
  expect((await stat(join(folder, beside[0] ?? ''))).size).toBeLessThan(LENGTH);
  await rm(folder, { recursive: true });
});
