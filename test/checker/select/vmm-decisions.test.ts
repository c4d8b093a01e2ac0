import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectRules } from '../../../checker/select/rules.ts';
import type { Rules } from '../../../model/rules.ts';
import { EMULATED_REGISTERS } from '../../../spec/vsmmu/registers.ts';

const PROPERTIES = { oas: 4, ssidSize: 0, ril: true, ats: false, iommu: 'smmu0' };

describe("a user's decision points of the VMM", () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestcheck-vmm-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function rulesOf(name: string, rules: string): Promise<Rules> {
    const path = join(folder, `${name}.ts`);
    await writeFile(path, `export default { name: 'mine', summary: 's', source: 's', rules: ${rules} };`);
    return (await selectRules([path], [])).rules;
  }

  it('may leave the registers undecided, or decide them', async () => {
    const none = await rulesOf('none', '{ vsmmuRegisters: () => null }');
    expect(none.vmm.registers(PROPERTIES, [])).toBeNull();
    const some = await rulesOf(
      'some',
      `{ vsmmuRegisters: () => (${JSON.stringify({ ...EMULATED_REGISTERS, IIDR: 7 })}) }`,
    );
    expect(some.vmm.registers(PROPERTIES, [])?.IIDR).toBe(7);
  });

  it.each([
    [
      'half',
      '{ vsmmuRegisters: () => ({ IDR0: 1 }) }',
      /'registers' gave a record of IDR0 where a record of IDR0, IDR1/,
    ],
    ['number', '{ vsmmuRegisters: () => 4 }', /'registers' gave a number where a record of IDR0/],
    [
      'throws',
      "{ vsmmuRegisters: () => { throw new Error('no'); } }",
      /decision point 'registers' threw: no/,
    ],
  ])('are named where they give no registers (%s)', async (name, text, message) => {
    const rules = await rulesOf(name, text);
    expect(() => rules.vmm.registers(PROPERTIES, [])).toThrow(message);
  });

  it('are named where they give no list of objections', async () => {
    const iommu = { name: 'smmu0', registers: EMULATED_REGISTERS };
    const text = await rulesOf('text', "{ plugObjections: () => 'no' }");
    expect(() => text.vmm.plugObjections(EMULATED_REGISTERS, iommu, PROPERTIES, null)).toThrow(
      /'plugObjections' gave a string where a list was expected/,
    );
    const numbers = await rulesOf('numbers', '{ plugObjections: () => [4] }');
    expect(() => numbers.vmm.plugObjections(EMULATED_REGISTERS, iommu, PROPERTIES, null)).toThrow(
      /'plugObjections' gave a list/,
    );
  });

  it('are named where they choose what is no choice', async () => {
    const rules = await rulesOf('choice', "{ plugConfigures: () => 'later' }");
    expect(() => rules.vmm.plugConfigures(true)).toThrow(
      /'plugConfigures' gave 'later'; expected one of as-asked, as-gbpa, bypass, nothing/,
    );
  });
});
