import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHardware, selectHardware } from '../../checker/assignability/hardware-file.ts';
import { assignabilityToJson, renderAssignability } from '../../checker/assignability/report.ts';
import { deriveCell } from '../../checker/assignability/table.ts';
import { tracesOf } from '../../checker/decision-text.ts';
import { DECISIONS } from '../../spec/decisions/index.ts';
import { vtd3 } from '../../spec/pasid/descriptions.ts';
import { ROOT } from '../../tools/committed.ts';
import { nestcheck } from './terminal.ts';

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
    ['{', /mine\.json:1: expected a key in double quotes$/],
    [JSON.stringify({ ...vtd3, stage2Root: 'context' }), /mine\.json:1: stage2Root: .*none.*stream.*pasid/],
    [JSON.stringify({ ...vtd3, more: 1 }), /mine\.json:1: .*more/],
    [JSON.stringify({ ...vtd3, pasidTable: 'guest-physical' }), /cannot be found in guest memory/],
    [JSON.stringify({ ...vtd3, withoutPasid: [] }), /withoutPasid is empty/],
    [JSON.stringify({ ...vtd3, slicesTagged: false }), /mine\.json: name: vt-d3 comes with nestcheck/],
  ])('says in one line what is wrong with %s', async (content, message) => {
    const path = await file(content);
    await expect(readHardware(path)).rejects.toThrow(message);
  });

  it('takes hardware by name, and tells the names to who gives neither one nor a file', async () => {
    expect(await selectHardware(['vt-d3'])).toEqual([vtd3]);
    await expect(selectHardware(['vt-d4'])).rejects.toThrow(
      /^vt-d4: .*; expected a JSON file, or one of smmuv3, /,
    );
    await expect(selectHardware(['vt-d3', 'vt-d3'])).rejects.toThrow(/two descriptions of the name vt-d3/);
  });

  it('looks at the cells that are asked for, each in its column', async () => {
    const asked = ['explain', 'assignability', '--hardware', 'no-pasid', '--cell', '*/translation'];
    const { code, stdout } = await nestcheck(asked);
    expect(code).toBe(0);
    const rows = stdout.split('\n').slice(0, 3);
    const column = rows[0]?.indexOf('vIOMMU, no PASID') ?? 0;
    expect(rows.map((row) => row.slice(column))).toEqual([
      'vIOMMU, no PASID  vIOMMU with PASID',
      'shadow or nest',
      'impossible',
    ]);
  });

  it.each([
    [
      ['--cell', '*/bridge/*'],
      /^nestcheck: unknown cell '\*\/bridge\/\*'; known: smmuv3\/vf\/none, [^\n]*\n$/,
    ],
    [['--hardware', 'no.json'], /^nestcheck: no\.json: [^\n]*\n$/],
  ])('exits 2 with one line for %j', async (options, message) => {
    const { code, stdout, stderr } = await nestcheck(['explain', 'assignability', ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('writes each trace that decided a cell into a file, which replays', async () => {
    const folder = join(await file('{}'), '..', 'traces');
    const asked = ['explain', 'assignability', '--cell', 'smmuv3/mdev/none', '--trace-dir', folder];
    const { code, stdout } = await nestcheck(asked);
    expect(code).toBe(0);
    const paths = [...stdout.matchAll(/\[(\S+\.json), /g)].map(([, path = '']) => path);
    expect(paths).toEqual([join(folder, 'smmuv3-mdev-none-direct.json')]);
    expect(await nestcheck(['replay', ...paths])).toMatchObject({ code: 0, stderr: '' });
  });

  it("writes traces of hardware of one's own that replay without its file", async () => {
    const mine = { ...vtd3, name: 'mine.2', withPasid: ['nested', 'first'], slicesTagged: false };
    const path = await file(JSON.stringify(mine));
    const folder = join(path, '..', 'own');
    const asked = ['explain', 'assignability', '--hardware', path, '--cell', '*/vf/*', '--trace-dir', folder];
    const { stdout } = await nestcheck(asked);
    await rm(path);
    const paths = [...stdout.matchAll(/\[(\S+\.json), /g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(6);
    const replayed = await nestcheck(['replay', '--brief', ...paths]);
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
    expect(replayed.stdout).toContain('platform mine.2, set');
    expect(replayed.stdout.match(/^Replays exactly\.$/gm)).toHaveLength(paths.length);
  });

  it('tells the word of a cell, what decided it, and by which trace', () => {
    const cells = [deriveCell(vtd3, 'mdev', 'none')];
    expect(renderAssignability(cells)).toContain('vt-d3/mdev/none: ok, as in the thread');
    const json = assignabilityToJson(cells, [vtd3]);
    expect(json.cells).toMatchObject([{ id: 'vt-d3/mdev/none', word: 'ok', thread: 'ok' }]);
    expect(Object.keys(json.traces)).toEqual(['vt-d3/mdev/none/direct']);
  });
});

it('every trace that a decision names is a file that comes with nestcheck', () => {
  const traces = DECISIONS.flatMap((record) => tracesOf(record, ROOT));
  expect(traces.length).toBeGreaterThan(20);
  expect(traces.filter(({ path }) => path === null)).toEqual([]);
});

it('threads are cited as readers know them', async () => {
  for (const kind of ['properties', 'designs']) {
    const { stdout } = await nestcheck(['list', kind]);
    expect(stdout).not.toMatch(/seed 00/);
    expect(stdout).toMatch(/\[qemu-devel, February 2025, Jason Gunthorpe: "/);
  }
});
