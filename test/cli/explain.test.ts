import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHardware } from '../../checker/assignability/hardware-file.ts';
import { assignabilityToJson, renderAssignability } from '../../checker/assignability/report.ts';
import { deriveCell } from '../../checker/assignability/table.ts';
import { vtd3 } from '../../spec/pasid/descriptions.ts';

describe('explain assignability', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestcheck-explain-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(content: string): Promise<string> {
    const path = join(folder, 'mine.json');
    await writeFile(path, content);
    return path;
  }

  it("reads hardware of one's own", async () => {
    expect(await readHardware(await file(JSON.stringify(vtd3)))).toEqual(vtd3);
  });

  it.each([
    ['{', /JSON/],
    [JSON.stringify({ ...vtd3, stage2Root: 'context' }), /mine\.json: stage2Root: .*none.*stream.*pasid/],
    [JSON.stringify({ ...vtd3, more: 1 }), /mine\.json: .*more/],
    [JSON.stringify({ ...vtd3, pasidTable: 'guest-physical' }), /cannot be found in guest memory/],
    [JSON.stringify({ ...vtd3, withoutPasid: [] }), /withoutPasid is empty/],
  ])('says in one line what is wrong with %s', async (content, message) => {
    const path = await file(content);
    await expect(readHardware(path)).rejects.toThrow(message);
  });

  it('tells the word of a cell, what decided it, and by which trace', () => {
    const cells = [deriveCell(vtd3, 'mdev', 'none')];
    expect(renderAssignability(cells)).toContain('vt-d3/mdev/none: ok, as in the thread');
    const json = assignabilityToJson(cells, [vtd3]);
    expect(json.cells).toMatchObject([{ id: 'vt-d3/mdev/none', word: 'ok', thread: 'ok' }]);
    expect(Object.keys(json.traces)).toEqual(['vt-d3/mdev/none/direct']);
  });
});
