import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTraceFile, writeTraceFile } from '../../checker/files.ts';
import { recordTrace } from '../../checker/record.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import { asIntended, open, tiny } from './fakes.ts';

const trace = recordTrace(tiny, asIntended, [open('f')], null);

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a trace file', () => {
  it('is read as it was written', async () => {
    const path = join(folder, 'trace.json');
    await writeTraceFile(path, trace);
    expect(await readTraceFile(path)).toEqual(trace);
    expect(await readFile(path, 'utf8')).toBe(printTrace(trace));
  });

  it('takes the place of an older one and leaves nothing beside it', async () => {
    const path = join(folder, 'again.json');
    await writeFile(path, 'old');
    await writeTraceFile(path, trace);
    expect(await readTraceFile(path)).toEqual(trace);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves nothing beside a place where it cannot be', async () => {
    const path = join(folder, 'a-folder');
    await mkdir(join(path, 'inside'), { recursive: true });
    await expect(writeTraceFile(path, trace)).rejects.toThrow();
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  const bad: readonly [string, string | Uint8Array, RegExp][] = [
    ['no-json', '{\n"format": }', /no-json:2: expected a JSON value$/],
    ['no-text', Uint8Array.of(0x22, 0xff, 0x22), /no-text: expected UTF-8 text$/],
    ['no-trace', '[]', /no-trace:1: the trace: /],
  ];

  it.each(bad)('is refused with its name and line: %s', async (name, content, message) => {
    const path = join(folder, name);
    await writeFile(path, content);
    const error = await readTraceFile(path).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(message);
  });
});
