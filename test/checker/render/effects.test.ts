import { describe, expect, it } from 'vitest';
import { recordTrace } from '../../../checker/record.ts';
import { renderMermaid } from '../../../checker/render/mermaid.ts';
import { type Drawing, renderText } from '../../../checker/render/text.ts';
import type { ArgValue, Call } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import { asIntended } from '../fakes.ts';

const [vm = ''] = oneVsmmu.platform.vms;

const operator = (command: Call['command'], args: Readonly<Record<string, ArgValue>>): Call => ({
  actor: 'operator',
  command,
  args: { vm, ...args },
});
const guest = (command: Call['command'], args: Readonly<Record<string, ArgValue>>): Call => ({
  actor: `guest:${vm}`,
  command,
  args,
});

const [dev0 = '', dev1 = ''] = oneVsmmu.platform.devices.map(({ id }) => id);

const trace = recordTrace(
  oneVsmmu,
  asIntended,
  [
    operator('plug', { device: dev0, vsid: 1 }),
    operator('boot', {}),
    operator('plug', { device: dev1, vsid: 1 }),
    guest('writeCr0', { value: 0xd }),
    guest('issueCommands', { words: encodeCommand('TLBI_NH_ALL') }),
  ],
  null,
);

const drawing: Drawing = { scope: oneVsmmu, rules: intended, property: null };

describe('what a command makes others do', () => {
  const text = renderText(trace, drawing);
  const diagram = renderMermaid(trace, drawing);

  it('is told in text: calls of the VMM with their answers, commands of the driver, refusals', () => {
    expect(text).toMatch(/^ {5}vmm:vm0 => iommufd: openIommufd\(\) -> ok fd=3$/m);
    expect(text).toMatch(/^ {5}iommufd => pSMMU: \[TLBI_NH_ALL\{VMID=\d+\}\]$/m);
    expect(text).toMatch(/operator +plug\(.*\) -> EEXIST\n {5}refused: \S/);
  });

  it('is drawn between those who do it, the operator talking to the machine that is meant', () => {
    const lines = diagram.split('\n').map((line) => line.trim());
    expect(lines.slice(1, 6)).toEqual([
      'participant operator as operator',
      'participant guestvm0 as guest vm0',
      'participant VMMvm0 as VMM vm0',
      'participant iommufd as iommufd',
      'participant pSMMU as pSMMU',
    ]);
    expect(lines).toContain('operator->>VMMvm0: boot(vm=vm0)');
    // Calls of the VMM are folded where the diagram would have too many arrows.
    expect(lines.some((line) => /^VMMvm0->>iommufd: openIommufd(?:\(\)|, )/.test(line))).toBe(true);
    expect(lines.filter((line) => /->>|-->>|--x/.test(line)).length).toBeLessThanOrEqual(15);
    expect(lines).toContain('VMMvm0--xoperator: EEXIST');
    expect(lines.some((line) => line.startsWith('Note over VMMvm0: refused: '))).toBe(true);
    expect(lines.some((line) => line.startsWith('iommufd->>pSMMU: [TLBI_NH_ALL'))).toBe(true);
  });
});

describe('a diagram of more than it can show', () => {
  const steps = [...Array(20)].flatMap(() => [
    operator('plug', { device: dev0, vsid: 1 }),
    guest('writeCr0', { value: 0 }),
  ]);
  const long = recordTrace(oneVsmmu, asIntended, steps, null);
  const lines = renderMermaid(long, drawing)
    .split('\n')
    .map((line) => line.trim());

  it('says how many messages it leaves out, and keeps the last', () => {
    const left = lines.filter((line) => line.endsWith('messages before are left out'));
    expect(left).toEqual([expect.stringMatching(/^Note over \w+: \d+ messages/)]);
    expect(lines.filter((line) => /^\w+(?:->>|-->>|--x)/.test(line))).toHaveLength(15);
    expect(lines.at(-1)).toMatch(/^VMMvm0--xguestvm0: /);
  });
});
