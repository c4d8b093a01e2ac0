import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../conformance/input-error.ts';
import { readVectorFile } from '../../../conformance/vectors/read.ts';
import { parseVectorFile } from '../../../conformance/vectors/vector-file.ts';

const zeros = Array.from({ length: 8 }, () => '0x0');
const access = { iova: '0x1000', write: false, pa: null, events: [{ type: '0x04' }] };
const config = { ste: zeros, memory: { '0x42000008': '0x42070003' }, accesses: [access] };
const minimal = {
  format: 'smmuv3-vectors/1',
  source: 'a test',
  registers: Object.fromEntries(
    ['IDR0', 'IDR1', 'IDR2', 'IDR3', 'IDR4', 'IDR5', 'IIDR', 'AIDR'].map((name) => [name, '0x0']),
  ),
  streamId: 8,
  ram: { start: '0x40000000', end: '0x50000000' },
  stamped: { start: '0x41000000', length: '0x400000' },
  configs: [config],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The one line that a reader of a bad file gets. */
async function complaint(read: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof read === 'function' ? read() : read);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a vector file', () => {
  it.each(['.json', '.json.gz'])('is read from %s', async (suffix) => {
    const text = JSON.stringify(minimal);
    const path = await written(`good${suffix}`, suffix === '.json' ? text : gzipSync(text));
    const file = await readVectorFile(path);
    expect(file.configs[0]?.memory.get(0x4200_0008n)).toBe(0x4207_0003n);
    expect(file.configs[0]?.accesses[0]).toEqual({
      iova: 0x1000n,
      write: false,
      pa: null,
      events: [{ type: 4 }],
    });
  });

  it.each([
    ['another format', { ...minimal, format: 'x' }, 'at format: '],
    ['a register that is missing', { ...minimal, registers: {} }, 'at registers.IDR0: '],
    [
      'an STE of seven words',
      { ...minimal, configs: [{ ...config, ste: zeros.slice(1) }] },
      'at configs[0].ste: ',
    ],
    [
      'a number that is not hexadecimal',
      { ...minimal, configs: [config, { ...config, accesses: [{ ...access, iova: '12' }] }] },
      'at configs[1].accesses[0].iova: expected a hexadecimal number',
    ],
    [
      'an event field of another name',
      { ...minimal, configs: [{ ...config, accesses: [{ ...access, events: [{ type: '0x4', stag: 1 }] }] }] },
      'at configs[0].accesses[0].events[0]: ',
    ],
    [
      'a word at an odd address',
      { ...minimal, configs: [{ ...config, memory: { '0x42000004': '0x0' } }] },
      'at configs[0].memory',
    ],
    ['no object at all', [], 'at the top level: '],
  ])('with %s is refused in one line that says where', async (_, document, place) => {
    const message = await complaint(() => parseVectorFile('some.json', JSON.stringify(document)));
    expect(message.startsWith(`some.json:1: ${place}`), message).toBe(true);
    expect(message).not.toContain('\n');
  });

  it.each(['{\n "format": }', '{\n"format": ', '{"a": 1}\n\n x', ''])(
    'that is not JSON (%j) is refused in one line that says where',
    async (text) => {
      const message = await complaint(() => parseVectorFile('some.json', text));
      expect(message).toMatch(/^some\.json(:\d+)?: expected a JSON document \(.+\)$/);
    },
  );

  it.each([
    ['is not there', 'missing.json', undefined, 'expected a readable file (ENOENT)'],
    ['is no gzip file', 'text.json.gz', 'text', 'expected a whole gzip file (Z_DATA_ERROR)'],
    [
      'is a truncated gzip file',
      'cut.json.gz',
      gzipSync(JSON.stringify(minimal)).subarray(0, 60),
      'expected a whole gzip file (Z_BUF_ERROR)',
    ],
    ['is not UTF-8', 'binary.json', Uint8Array.of(0xff, 0xfe), 'expected UTF-8 text'],
  ])('that %s is refused', async (_, name, content, expected) => {
    const path = content === undefined ? join(folder, name) : await written(name, content);
    expect(await complaint(readVectorFile(path))).toBe(`${path}: ${expected}`);
  });
});
