import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformFile, InputError } from '../../../conformance/index.ts';
import { vtdFileOf } from '../../../conformance/vtd/vtd-file.ts';
import { ACCESS, sequences, vectors } from './forge.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vtd-'));
});
afterAll(() => rm(folder, { recursive: true }));

function complaint(document: unknown): string {
  try {
    vtdFileOf('some.json', { value: document, lineOf: () => 1 });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

const config = { ...vectors([]).configs[0] };

describe('a file of a VT-d unit', () => {
  it.each(['.json', '.json.gz'])('is known by its format in %s', async (suffix) => {
    const text = JSON.stringify(vectors([ACCESS]));
    const path = join(folder, `file${suffix}`);
    await writeFile(path, suffix === '.json' ? text : gzipSync(text));
    expect(await conformFile(path, [])).toMatchObject({ machine: 'vtd', events: 1, checked: 1 });
  });

  it.each([
    ['another version', { ...vectors([]), format: 'vtd-vectors/2' }, 'at format: '],
    ['no devices', { ...vectors([]), devices: [] }, 'at devices: '],
    [
      'a register too wide',
      { ...vectors([]), registers: { VER: '0x10', CAP: `0x1${'0'.repeat(16)}`, ECAP: '0x0' } },
      'at registers.CAP: ',
    ],
    ['a width that no host has', { ...vectors([]), hostAddressWidth: 200 }, 'at hostAddressWidth: '],
    [
      'a device that is not listed',
      vectors([{ ...ACCESS, device: 7 }]),
      'at configs[0].accesses[0].device: expected a device below 4',
    ],
    [
      'an access field of another name',
      vectors([{ ...ACCESS, lands: '0x0' }]),
      'at configs[0].accesses[0]: ',
    ],
    [
      'a word at an odd address',
      { ...vectors([]), configs: [{ ...config, memory: { '0x1004': '0x0' } }] },
      'at configs[0].memory',
    ],
    ['more accesses than are taken', vectors(new Array(10_001).fill(ACCESS)), 'at configs[0].accesses: '],
    ['a step of another kind', sequences([{ op: 'wait' }]), 'at episodes[0].steps[0].op: '],
    [
      'an invalidation of nothing',
      sequences([{ op: 'invalidate', name: 'x' }]),
      'at episodes[0].steps[0]: expected either a descriptor or registers',
    ],
    [
      'a descriptor of three words',
      sequences([{ op: 'invalidate', name: 'x', descriptor: ['0x0', '0x0', '0x0'] }]),
      'at episodes[0].steps[0].descriptor: ',
    ],
    [
      'a translation that is half on',
      sequences([{ op: 'gcmd', TE: 2, GSTS: '0x0' }]),
      'at episodes[0].steps[0].TE: ',
    ],
  ])('with %s is refused in one line that says where', (_, document, place) => {
    const message = complaint(document);
    expect(message.startsWith(`some.json:1: ${place}`), message).toBe(true);
    expect(message).not.toContain('\n');
  });

  it.each([null, [], 'vtd-vectors/1', { format: 3 }])('is not %j', async (document) => {
    const path = join(folder, 'other.json');
    await writeFile(path, JSON.stringify(document));
    await expect(conformFile(path, [])).rejects.toBeInstanceOf(InputError);
  });
});
