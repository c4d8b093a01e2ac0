import { describe, expect, it } from 'vitest';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

describe('nestcheck conform', () => {
  const RECORDING = 'conformance/recordings/linux-7.2.13/smmuv3-scenario.jsonl.gz';

  const PARTS = 'conformance/recordings/linux-7.2.13/live/failed-message-loses-event.jsonl';

  it('exits 1 where only named deviations part the model from a recording', async () => {
    const { code, stdout } = await nestcheck(['conform', PARTS, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'nestcheck/1',
      command: 'conform',
      files: [{ file: PARTS, first: null }],
    });
  });

  it('exits 0 where the design expects them', async () => {
    const { code, stdout } = await nestcheck([
      'conform',
      RECORDING,
      '--design',
      'kernel=linux-7.2,smmu=qemu-11',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/: agrees$/m);
  });

  it('exits 1 where the model does not agree, and names the first difference', async () => {
    const rules = '{ virtIdIsUnique: () => false }';
    const path = await file(
      'other.ts',
      `export default { name: 'n', summary: 's', source: 's', rules: ${rules} };`,
    );
    const { code, stdout } = await nestcheck(['conform', RECORDING, '--design', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^ {2}first difference at line \d+: .*\n(?: {4}.*\n)* {4}recorded: .*\n {4}model: /m,
    );
    expect(stdout).toMatch(/^ {4}in whole:\n {6}recorded: ret=/m);
  });

  it('names the errno and the field that differ, of every kind', async () => {
    const line = (seq: number, rest: object): string =>
      JSON.stringify({ seq, section: 'bind', ret: 0, errno: 0, ...rest });
    const path = await file(
      'mine.jsonl',
      [
        line(0, { ev: 'setup', bdf: '0000:00:02.0', cdev: '/dev/vfio/devices/vfio0', grp: '2' }),
        line(1, { ev: 'open', path: '/dev/iommu', ret: 3 }),
        line(2, { ev: 'open', path: '/dev/vfio/devices/vfio0', ret: 4 }),
        line(3, {
          ...{ ev: 'ioctl', fd: 4, name: 'VFIO_BIND_IOMMUFD', nr: '0x76' },
          ...{ in: '10000000000000000300000000000000', out: '10000000000000000300000002000000' },
        }),
        ...[4, 5, 6, 7].map((seq) =>
          line(seq, {
            ...{ ev: 'ioctl', fd: 4, name: 'VFIO_ATTACH_PT', nr: '0x77', ret: -1, errno: 22 },
            ...{ in: '0c0000000000000077770000', out: '0c0000000000000077770000' },
          }),
        ),
      ].join('\n'),
    );
    const { stdout } = await nestcheck(['conform', path]);
    expect(stdout).toContain('    recorded: outDevid=2\n    model:    outDevid=1\n');
    expect(stdout).toContain('  5 differences in 2 kinds');
    expect(stdout).toContain('  4; 0  VFIO_DEVICE_ATTACH_IOMMUFD_PT: EINVAL, model ENOENT\n');
    expect(stdout).toContain('      line 7: recorded errno=EINVAL, model errno=ENOENT\n      and 1 more\n');
  });

  it('exits 2 for what is no recording, naming the line', async () => {
    const path = await file('wrong.jsonl', '{}\n');
    const { code, stderr } = await nestcheck(['conform', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${path}:1: `);
  });

  describe('--property', () => {
    const QEMU = 'conformance/recordings/qemu-vsmmu-11.1.3/unplug-last.jsonl.gz';
    const DESIGN = ['--design', 'kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11'];

    it('draws the least trace of a violation, and names the line of the recording last', async () => {
      const { code, stdout } = await nestcheck([
        ...['conform', QEMU, ...DESIGN],
        ...['--property', 'vmm-unplug-*'],
      ]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^2 {2}operator {2}unplug\(vm=vm0, device=0000:00:02\.0\) -> ok$/m);
      expect(stdout).toMatch(
        /^violates vmm-unplug-opens-nothing: .*\n(?: .*\n)*recorded at line 109 of .*unplug-last\.jsonl\.gz$/m,
      );
    });

    it('has verdict, line and trace of each as JSON', async () => {
      const { code, stdout } = await nestcheck([
        ...['conform', QEMU, ...DESIGN, '--json'],
        ...['--property', 'vmm-unplug-*', '--property', 'vmm-maps-*', '--property', 'vmm-loses-*'],
      ]);
      expect(code).toBe(1);
      const [{ properties }] = JSON.parse(stdout).files;
      expect(properties).toMatchObject([
        { id: 'vmm-unplug-opens-nothing', verdict: 'violated', line: 109, trace: { guarantee: '1-minimal' } },
        { id: 'vmm-loses-no-events', verdict: 'vacuous', line: null },
        { id: 'vmm-maps-around-doorbells', verdict: 'holds', line: null },
      ]);
    });

    it('exits 0 where they hold, and 3 where none of them says anything', async () => {
      const held = await nestcheck(['conform', QEMU, ...DESIGN, '--property', 'vmm-maps-*']);
      expect(held.code).toBe(0);
      const vacuous = await nestcheck(['conform', QEMU, ...DESIGN, '--property', 'vmm-loses-*']);
      expect(vacuous.code).toBe(3);
    });

    it('exits 2 for a property that there is not, and for vectors, which are no run', async () => {
      const unknown = await nestcheck(['conform', QEMU, '--property', 'vmm-unplugs-*']);
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/^nestcheck: .*vmm-unplugs/)]);
      const vectors = 'conformance/recordings/qemu-11.1.3/vectors-high-addresses.json.gz';
      const { code, stderr } = await nestcheck(['conform', vectors, '--property', 'vmm-*']);
      expect(code).toBe(2);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    });
  });
});
