import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ROOT } from '../../docs/committed.ts';

/** Writes one long text after the other over the same file, and says when it has begun. */
const SCRIPT = `
  import { writeWhole } from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist/checker/files.js')).href)};
  for (let round = 0; ; round++) {
    await writeWhole(process.argv[1], String(round % 10).repeat(4_000_000) + '\\n');
    if (round === 0) process.stdout.write('begun');
  }
`;

function start(path: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT, path]);
}

it('a file is whole whenever its writer is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
  const path = join(folder, 'file');
  await writeFile(path, `${'x'.repeat(4_000_000)}\n`);
  let midway = 0;
  // Killed at other moments each time: some of them while a file is being written.
  for (let attempt = 0; attempt < 6; attempt++) {
    const child = start(path);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 3 * attempt));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    const text = await readFile(path, 'utf8');
    expect(text === `${text.charAt(0).repeat(4_000_000)}\n`).toBe(true);
    // What is left beside it does not look like a file of ours.
    const beside = (await readdir(folder)).filter((name) => name !== 'file');
    for (const name of beside) expect(name).toMatch(/^file\.\d+-\d+\.tmp$/);
    midway += beside.length;
    for (const name of beside) await rm(join(folder, name));
  }
  // Were none killed midway, this would be no test.
  expect(midway).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
});
