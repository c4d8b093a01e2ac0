import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

/** Two pSMMUs of different output sizes, a device behind each, on what one-smmu tries. */
const TWO_HOSTS = JSON.stringify({
  name: 'two-sizes',
  summary: 'Two pSMMUs of different output sizes.',
  scope: 'one-smmu',
  iommus: [{ name: 'smmu0' }, { name: 'wide' }],
  devices: [
    { group: 0, streamIds: [16] },
    { iommu: 1, group: 1, streamIds: [16], ats: true },
  ],
  set: ['wide.IDR5.OAS=Bits48'],
});

const TWO_VSMMUS = `scope one-smmu, kernel=linux-7.2
vmm:vm0 openCdev device=dev0 as cdev0
vmm:vm0 openIommufd as iommufd0
vmm:vm0 vfioBind fd=cdev0 iommufd=iommufd0 as device0
vmm:vm0 ioasAlloc fd=iommufd0 as ioas0
vmm:vm0 hwptAlloc fd=iommufd0 flags=NEST_PARENT devId=device0 ptId=ioas0 as hwpt0
vmm:vm0 viommuAlloc fd=iommufd0 type=ARM_SMMUV3 devId=device0 hwptId=hwpt0 as one
vmm:vm0 viommuAlloc fd=iommufd0 type=ARM_SMMUV3 devId=device0 hwptId=hwpt0 as two
`;

const LINUX = ['--design', 'kernel=linux-7.2', '--property', 'vsmmus-have-own-tag'];

describe('--set', () => {
  it('changes what a scope has, and the trace carries it to whoever replays, makes smaller or exports it', async () => {
    const trace = await file('trace.json', '');
    const folder = join(trace, '..');
    const steps = await file('two.steps', TWO_VSMMUS);
    const made = await nestcheck([
      ...['run', steps, '--trace', trace, '--set', 'smmu0.IDR1.SSIDSIZE=5', '--set', 'dev1.ats=on'],
    ]);
    expect(made.code).toBe(1);
    expect(made.stdout).toContain('set smmu0.IDR1.SSIDSIZE=5, set dev1.ats=on');
    expect(JSON.parse(await readFile(trace, 'utf8'))).toMatchObject({
      scope: 'one-smmu',
      platform: { set: ['smmu0.IDR1.SSIDSIZE=5', 'dev1.ats=on'] },
    });
    for (const argv of [
      ['replay', trace],
      ['minimise', trace, '--states', '100'],
      ['export', trace, '--as', 'c'],
      ['replay', trace, '--itf', join(folder, 'x.itf.json')],
      ['replay', join(folder, 'x.itf.json')],
    ])
      expect(await nestcheck(argv), argv.join(' ')).toMatchObject({ code: 0, stderr: '' });
    // Pasted back, it is the same platform.
    const pasted = await file('pasted.steps', (await nestcheck(['replay', trace])).stdout);
    const ran = await nestcheck(['run', pasted, '--json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      platform: { set: ['smmu0.IDR1.SSIDSIZE=5', 'dev1.ats=on'] },
    });
  });

  it('is in the trace that a check writes, and in the command that makes the runs again', async () => {
    const folder = join(await file('unused', ''), '..');
    const { code, stdout } = await nestcheck([
      ...['check', '--design', 'vsmmu=inherit', '--property', 'boots-without-a-device', '--runs', '20'],
      ...['--scope', 'one-vsmmu', '--set', 'vsmmu0.ats=on', '--trace-dir', folder],
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('--set vsmmu0.ats=on');
    const trace = join(folder, 'boots-without-a-device.json');
    expect((await nestcheck(['replay', trace, '--brief'])).stdout).toContain('set vsmmu0.ats=on');
  });

  it('without a scope is about every scope that has what it names', async () => {
    const { code, stdout } = await nestcheck([
      ...[
        'check',
        '--set',
        'vsmmu1.ats=on',
        '--property',
        'boots-without-a-device',
        '--runs',
        '40',
        '--json',
      ],
    ]);
    expect(code).toBe(0);
    const { properties } = JSON.parse(stdout) as {
      readonly properties: readonly { readonly scope: string }[];
    };
    expect(properties[0]?.scope).toBe('mixed-host');
  });

  it('reaches exploration, comparison and description', async () => {
    const explored = await nestcheck([
      ...['explore', '--scope', 'one-vsmmu', '--design', 'vsmmu=inherit', '--depth', '2', '--json'],
      ...['--property', 'boots-without-a-device', '--set', 'vsmmu0.ats=on'],
    ]);
    expect(explored).toMatchObject({ code: 1, stderr: '' });
    expect(explored.stdout).toContain('"vsmmu0.ats=on"');
    const differ = await nestcheck([
      ...['diff', 'vsmmu=inherit', 'vsmmu=specified', '--scope', 'one-vsmmu', '--set', 'vsmmu0.ats=on'],
      ...['--depth', '1', '--json'],
    ]);
    expect(differ.code).toBe(1);
    expect(JSON.parse(differ.stdout)).toMatchObject({ trace: { platform: { set: ['vsmmu0.ats=on'] } } });
    const described = await nestcheck(['describe', 'scope', 'one-vsmmu', '--set', 'vsmmu0.ats=on']);
    expect(described.stdout).toContain('ats=true');
  });
});

describe('--platform', () => {
  it('is a platform of one own, which a trace carries whole', async () => {
    const path = await file('two-sizes.json', TWO_HOSTS);
    const described = await nestcheck(['describe', 'scope', 'one-smmu', '--platform', path]);
    expect(described.stdout).toMatch(/1: wide, smmuv3[\s\S]*OAS=Bits48[\s\S]*dev1: behind wide/);
    const to = await file('trace.json', '');
    const steps = await file(
      'own.steps',
      'scope one-smmu\nvmm:vm0 openCdev device=dev1 as cdev\nvmm:vm0 openIommufd as ctx\n',
    );
    expect(await nestcheck(['run', steps, '--platform', path, '--trace', to])).toMatchObject({ code: 0 });
    const replayed = await nestcheck(['replay', to]);
    expect(replayed.code).toBe(0);
    expect(replayed.stdout).toContain('scope one-smmu, platform two-sizes, set wide.IDR5.OAS=Bits48');
    const pasted = await file('pasted.steps', replayed.stdout);
    expect((await nestcheck(['run', pasted])).stderr).toMatch(/expected --platform FILE .*'two-sizes'/);
    expect((await nestcheck(['run', pasted, '--platform', path])).code).toBe(0);
    const checked = await nestcheck(['check', ...LINUX, '--platform', path, '--runs', '100', '--json']);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain('"name": "two-sizes"');
  });

  it.each([
    ['{', /:1: expected/],
    ['{"name": "x"}\n', null],
    ['{"name": "x", "iommuss": []}', /:1: .*iommuss/],
    ['{"name": "x", "scope": "one-smuu"}', /unknown scope 'one-smuu'; did you mean one-smmu\?/],
    [
      '{"name": "x",\n "devices": [{"group": 0, "streamIds": [16], "iommu": 1}]}',
      /dev0.iommu: there is no IOMMU 1/,
    ],
    ['{"name": "x", "devices": [{"group": "0", "streamIds": [16]}]}', /devices.0.group: /],
    ['{"name": "x", "iommus": [{"name": "a"}, {"name": "a"}]}', /there are two of the name a/],
    ['{"name": "x", "vms": [{"name": "vm0", "vsmmus": [["ats=on"]]}]}', /expected no vsmmus/],
    ['{"name": "x", "scope": "one-vsmmu", "vms": [{"name": "vm0", "vsmmus": [["ast=on"]]}]}', /'ast'/],
    [`{"name": "x", "iommus": [${'{"name": "a"},'.repeat(9)}{"name": "a"}]}`, /at most 8/],
    [`{"name": "x", "set": ["${'a'.repeat(70_000)}"]}`, /expected/],
    ['{"name": "x", "set": ["smmu0.IDR0.\u001b[2J=1"]}', /escapes|printable/],
  ])('%# is read, or refused in one line', async (text, says) => {
    const path = await file('own.json', text);
    const { code, stderr } = await nestcheck(['describe', 'scope', 'one-smmu', '--platform', path]);
    const asked = await nestcheck([
      'check',
      '--platform',
      path,
      '--runs',
      '2',
      '--property',
      'ids-not-reused',
    ]);
    if (says === null) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    else {
      expect(asked.code).toBe(2);
      expect(asked.stderr.trimEnd()).toMatch(says);
      expect(asked.stderr.trimEnd()).not.toContain('\n');
      expect(asked.stderr).not.toContain('\u001b');
    }
  });
});
