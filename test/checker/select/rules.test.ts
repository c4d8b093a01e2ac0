import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectRules, selectTraceRules } from '../../../checker/select/rules.ts';
import { UsageError } from '../../../checker/select/usage-error.ts';
import { bootWorld } from '../../../model/boot.ts';
import { intended } from '../../../model/rules.ts';
import { DESIGN_AXES } from '../../../overrides/index.ts';
import type { StateProperty } from '../../../properties/property.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A module file with this text; gives its path. */
async function module(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const GOOD = `
  interface Shape { readonly name: string }
  const shared: Shape = { name: 'shared-vmid' };
  export default { ...shared, summary: 's', source: 'mine', rules: { vsmmuOwnsVmid: (): boolean => false } };
`;

/** A module with one property, some parts of it changed. */
function propertyModule(change: Readonly<Record<string, string>> = {}): string {
  const parts = {
    id: `'mine'`,
    sentence: `'s'`,
    source: `'s'`,
    kind: `'state'`,
    violated: '() => null',
    witness: '() => true',
    ...change,
  };
  const fields = Object.entries(parts).map(([key, value]) => `${key}: ${value}`);
  return `export const properties = [{ ${fields.join(', ')} }];`;
}

describe('the rules of a design', () => {
  it('are the intended ones by default, every axis at its default', async () => {
    const { rules, design, defects, overrides } = await selectRules([], []);
    expect(rules).toEqual(intended);
    expect(design).toEqual(
      Object.fromEntries(DESIGN_AXES.map(({ name, values }) => [name, values[0]?.name])),
    );
    expect([defects, overrides]).toEqual([[], []]);
  });

  it('are those of the values chosen on the axes', async () => {
    const { rules, design } = await selectRules(['kernel=linux-7.2'], []);
    expect(rules.iommufd.viommuAllocChecksReserved).toBe(false);
    expect(design.kernel).toBe('linux-7.2');
  });

  it('have the defects on top', async () => {
    const { rules, defects } = await selectRules([], ['iova-align-overflow']);
    expect(rules.iommufd.alignIova(0xffff_ffff_ffff_0000n, 0x20_0000n)).toBe(0n);
    expect(defects).toEqual(['iova-align-overflow']);
  });

  it('can be a TypeScript module of the user', async () => {
    const path = await module('good.ts', GOOD);
    const { rules, design } = await selectRules([path], []);
    expect(rules.iommufd.vsmmuOwnsVmid).toBe(false);
    expect(design[path]).toMatch(/^shared-vmid sha256:[0-9a-f]{16}$/);
  });

  it('can be a list of overrides, on top of what the axes say', async () => {
    const one = `{ name: 'one', summary: 's', source: 's', rules: { virtIdIsUnique: () => false } }`;
    const two = `{ name: 'two', summary: 's', source: 's', rules: { viommuAllocChecksReserved: () => true } }`;
    const path = await module('list.mjs', `export default [${one}, ${two}];`);
    const { rules, design } = await selectRules(['kernel=linux-7.2', path], []);
    expect([rules.iommufd.virtIdIsUnique, rules.iommufd.viommuAllocChecksReserved]).toEqual([false, true]);
    expect(design[path]).toMatch(/^one,two sha256:/);
  });

  it('can be values in a JSON file', async () => {
    const rules = {
      iommufd: { vsmmuOwnsVmid: false },
      vmm: { plugConfigures: 'as-gbpa' },
      'msi.msiIsTranslated': false,
    };
    const text = JSON.stringify({ name: 'data', summary: 's', source: 's', rules });
    const path = await module('design.json', text);
    const selected = await selectRules([path], []);
    expect(selected.rules.iommufd.vsmmuOwnsVmid).toBe(false);
    expect(selected.rules.vmm.plugConfigures(false)).toBe('as-gbpa');
    expect(selected.rules.msi.msiIsTranslated).toBe(false);
    expect(selected.design[path]).toMatch(/^data sha256:/);
  });

  it('can be of names from before there were machines', async () => {
    const rules = '{ pageAnswers: () => [0], shortReadIsRefused: () => false, vsmmuRegisters: () => null }';
    const path = await module(
      'former.ts',
      `export default { name: 'f', summary: 's', source: 's', rules: ${rules} };`,
    );
    const selected = (await selectRules([path], [])).rules;
    expect(selected.pageRequests.answers).toEqual([0]);
    expect([selected.iommufd.shortReadIsRefused, selected.pageRequests.shortReadIsRefused]).toEqual([
      false,
      true,
    ]);
    expect(
      selected.vmm.registers({ oas: 4, ssidSize: 0, ril: true, ats: false, iommu: 'smmu0' }, []),
    ).toBeNull();
  });

  it('can decide what is a list, of numbers or of records', async () => {
    const text = `export default { name: 'lists', summary: 's', source: 's', rules: {
      iommufd: { movedBack: (_accepted, refused) => [refused] },
      smmuDriver: { steUpdate: (current, target) => [current, target] },
      smmuArchitecture: { invalidatedPieces: (address) => [{ address, mask: 0xfffn }] },
      vtd: { pasidEntryUpdate: (_current, target) => [target], contextClear: (current) => [current.map(() => 0n)] },
      pageRequests: { answers: [0] },
      accesses: { leftByDomains: (pages) => Array.from({ length: pages }, (_, page) => page) },
    } };`;
    const { rules } = await selectRules([await module('lists.ts', text)], []);
    expect(rules.iommufd.movedBack([], 3)).toEqual([3]);
    expect(rules.smmuDriver.steUpdate([1n], [1n])).toEqual([[1n], [1n]]);
    expect(rules.smmuArchitecture.invalidatedPieces(0x1000n, 0n, 12)).toEqual([
      { address: 0x1000n, mask: 0xfffn },
    ]);
    expect(rules.vtd.pasidEntryUpdate([1n], [2n])).toEqual([[2n]]);
    expect(rules.vtd.contextClear([1n, 2n])).toEqual([[0n, 0n]]);
    expect(rules.accesses.leftByDomains(2, [0, 1])).toEqual([0, 1]);
  });

  const override = (rules: string): string =>
    `export default { name: 'n', summary: 's', source: 's', rules: ${rules} };`;

  const bad: readonly [string, string, RegExp][] = [
    ['has no default export', 'export const x = 1;', /expected as default export an override/],
    ['exports a number', 'export default 1;', /expected as default export an override/],
    ['has no name', 'export default { rules: {} };', /name is no text/],
    ['has no rules', `export default { name: 'n', summary: 's', source: 's' };`, /rules is no object/],
    [
      'has another kind',
      `export default { name: 'n', summary: 's', source: 's', kind: 'x', rules: {} };`,
      /expected kind/,
    ],
    [
      'names a decision point that there is not',
      override('{ vmidOwner: () => true }'),
      /unknown decision point 'vmidOwner'; known: .*vsmmuOwnsVmid.* and \d+ more$/,
    ],
    [
      'decides with a number what is a yes or no',
      override('{ iommufd: { vsmmuOwnsVmid: 1 } }'),
      /decision point 'vsmmuOwnsVmid' gave a number where a boolean was expected/,
    ],
    [
      'misspells a decision point',
      override('{ iommufd: { vsmuOwnVmid: true } }'),
      /unknown decision point 'iommufd\.vsmuOwnVmid'; did you mean iommufd\.vsmmuOwnsVmid\?$/,
    ],
    [
      'looks for a decision point at another machine',
      override('{ iommufd: { tlbiCarriesVmid: true } }'),
      /unknown decision point 'iommufd\.tlbiCarriesVmid'; did you mean smmuDriver\.tlbiCarriesVmid\?$/,
    ],
    [
      'has no record for a machine',
      override('{ iommufd: true }'),
      /expected rules\.iommufd to be a record of its decision points/,
    ],
    [
      'has a value that throws',
      override(`{ vsmmuOwnsVmid: () => { throw new Error('oh'); } }`),
      /decision point 'vsmmuOwnsVmid' threw: oh$/,
    ],
    [
      'decides with a word that is no choice',
      override(`{ msi: { doorbellPlace: 'anywhere' } }`),
      /decision point 'doorbellPlace' gave 'anywhere'; expected one of window, cookie, told/,
    ],
    [
      'has a list of something else',
      override(`{ pageRequests: { answers: ['yes'] } }`),
      /decision point 'answers' gave a list where a list was expected: readonly number\[\]$/,
    ],
    ['is no TypeScript', 'export default {{{', /cannot be loaded/],
    ['throws when loaded', `throw new Error('not\\ntoday');`, /cannot be loaded: not today$/],
  ];

  it.each(bad)('refuse a module that %s', async (what, text, message) => {
    const path = await module(`${what.replaceAll(' ', '-')}.ts`, text);
    const error = await selectRules([path], []).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(message);
    expect((error as UsageError).message.startsWith(`${path}: `)).toBe(true);
  });

  it('refuse a JSON file that is none', async () => {
    await expect(selectRules([await module('half.json', '{"name": ')], [])).rejects.toThrow(
      /half\.json: cannot be loaded: /,
    );
    await expect(selectRules([await module('list.json', '[1]')], [])).rejects.toThrow(
      /expected as default export an override/,
    );
  });

  it('are loaded with the properties that a module exports', async () => {
    const { properties, design } = await selectRules([await module('props.ts', propertyModule())], []);
    expect(properties.map(({ id, brokenBy }) => [id, brokenBy])).toEqual([['mine', '']]);
    expect(Object.values(design).join()).toMatch(/mine sha256:/);
  });

  const badProperties: readonly [string, string, RegExp][] = [
    ['is no list', 'export const properties = {};', /expected properties to be a list of \{id, /],
    ['is null', 'export const properties = [null];', /expected properties to be a list of \{id, /],
    ['has no id', propertyModule({ id: '1' }), /id is not in kebab-case/],
    ['would leave its folder', propertyModule({ id: `'../x'` }), /id is not in kebab-case/],
    [
      'has an id that is taken',
      propertyModule({ id: `'ids-not-reused'` }),
      /'ids-not-reused': expected an id that is not taken/,
    ],
    ['has no sentence', propertyModule({ sentence: `''` }), /'mine': expected sentence to be a text/],
    ['has no source', propertyModule({ source: 'undefined' }), /'mine': expected source to be a text/],
    ['has another kind', propertyModule({ kind: `'liveness'` }), /expected kind to be one of state, step, /],
    ['decides with a constant', propertyModule({ violated: 'null' }), /expected violated to be a function/],
    ['has no witness', propertyModule({ witness: 'undefined' }), /expected witness to be a function/],
  ];

  it.each(badProperties)('refuse a property that %s', async (what, text, message) => {
    const path = await module(`property-${what.replaceAll(' ', '-')}.ts`, text);
    await expect(selectRules([path], [])).rejects.toThrow(message);
    await expect(selectRules([path], [])).rejects.toBeInstanceOf(UsageError);
  });

  it("name a user's property that throws or gives something else", async () => {
    const first = async (name: string, change: Record<string, string>) => {
      const loaded = await selectRules([await module(name, propertyModule(change))], []);
      return loaded.properties[0] as StateProperty;
    };
    const world = bootWorld(SCOPES[0]!.platform);
    const throws = await first('p-a.ts', { violated: `() => { throw new Error('oh'); }` });
    expect(() => throws.violated(world)).toThrow(/p-a\.ts: property 'mine': violated threw: oh$/);
    const nothing = await first('p-b.ts', { violated: '() => {}' });
    expect(() => nothing.violated(world)).toThrow(
      /violated gave nothing where a sentence or null was expected/,
    );
    const count = await first('p-c.ts', { witness: '() => 1' });
    expect(() => count.witness(world)).toThrow(/witness gave a number where true or false was expected/);
  });

  it('refuse a module that is not there', async () => {
    await expect(selectRules(['./nowhere/mine.ts'], [])).rejects.toThrow(
      './nowhere/mine.ts: cannot be loaded',
    );
  });

  it('name a decision point of the user that throws or gives something else', async () => {
    const throws = await selectRules(
      [await module('a.ts', override(`{ alignIova: () => { throw new Error('oh'); } }`))],
      [],
    );
    expect(() => throws.rules.iommufd.alignIova(1n, 1n)).toThrow(
      /a\.ts: decision point 'alignIova' threw: oh$/,
    );
    const wrong = await selectRules([await module('b.ts', override('{ alignIova: () => 4096 }'))], []);
    expect(() => wrong.rules.iommufd.alignIova(1n, 1n)).toThrow(
      /'alignIova' gave a number where a bigint or null was expected/,
    );
  });

  const unknown: readonly [string[], string[], RegExp][] = [
    [['kernel=linux-9'], [], /linux-9.*known: .*kernel=linux-7\.2/],
    [['cpu=fast'], [], /cpu.*known: .*kernel/],
    [[], ['no-such-bug'], /unknown defect 'no-such-bug'; known: .* and \d+ more$/],
  ];

  it.each(unknown)('refuse %j %j naming what is known', async (designs, defects, message) => {
    await expect(selectRules(designs, defects)).rejects.toThrow(message);
  });
});

describe('the rules of a trace', () => {
  it('are those that it names', async () => {
    const given = await selectRules(['kernel=linux-7.2'], ['iova-align-overflow']);
    expect(await selectTraceRules(given, [])).toEqual({ ...given, changedModules: [] });
  });

  it('load no module that the user has not named too', async () => {
    const path = await module('mine.ts', GOOD);
    const { design, defects } = await selectRules([path], []);
    await expect(selectTraceRules({ design, defects }, [])).rejects.toThrow(
      `say --design ${path} to load it`,
    );
    expect((await selectTraceRules({ design, defects }, [path])).rules.iommufd.vsmmuOwnsVmid).toBe(false);
  });

  it('find a module by what it brings along, wherever it lies, and say where it has been changed', async () => {
    const { design, defects } = await selectRules([await module('mine.ts', GOOD)], []);
    const elsewhere = await module('moved.ts', GOOD);
    const moved = await selectTraceRules({ design, defects }, [elsewhere]);
    expect(moved.rules.iommufd.vsmmuOwnsVmid).toBe(false);
    expect(moved.changedModules).toEqual([]);
    const changed = await module('changed.ts', `${GOOD}\n// later`);
    expect((await selectTraceRules({ design, defects }, [changed])).changedModules).toEqual([changed]);
    const other = await module('other.ts', GOOD.replace("name: '", "name: 'an"));
    await expect(selectTraceRules({ design, defects }, [other])).rejects.toThrow(
      'the trace was recorded with',
    );
  });
});
