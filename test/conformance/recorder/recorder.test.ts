import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformFile } from '../../../conformance/index.ts';

type Fields = Readonly<Record<string, unknown>>;

const HEAD: readonly Fields[] = [
  { ev: 'meta', recorder: 'nestcheck-recorder/1', kernel: '7.2.0', page_size: 4096, thp: false },
  { ev: 'setup', bdf: '0000:00:02.0', cdev: '/dev/vfio/devices/vfio0', grp: '2', smmu: 'smmu0' },
  { ev: 'setup', bdf: '0000:00:03.0', cdev: '/dev/vfio/devices/vfio1', grp: '3', smmu: 'smmu0' },
];

function recording(...lines: readonly Fields[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-recorder-')), 'recording.jsonl');
  const text = [...HEAD, ...lines].map((line, seq) => JSON.stringify({ seq, section: '', ...line }));
  writeFileSync(path, `${text.join('\n')}\n`);
  return path;
}

const open = (pid: number, path: string, ret: number): Fields => ({
  ev: 'open',
  pid,
  tid: pid,
  path,
  ret,
  errno: 0,
});

function alloc(pid: number, fd: number, id: number, more: Fields = {}): Fields {
  const struct = (last: number): string => `0c00000000000000${last.toString(16).padStart(2, '0')}000000`;
  const call = { ev: 'ioctl', pid, tid: pid, fd, name: 'IOMMU_IOAS_ALLOC', nr: '0x81', ret: 0, errno: 0 };
  return { ...call, in: struct(0), out: struct(id), ...more };
}

describe('a recording of several threads and processes', () => {
  it('agrees where some order of calls that overlapped gives every answer', async () => {
    const path = recording(
      open(1, '/dev/iommu', 30),
      alloc(1, 30, 2, { tid: 2, begin: 4, flight: 1 }),
      alloc(1, 30, 1, { tid: 3, begin: 4, flight: 0 }),
      alloc(1, 30, 3),
    );
    const { checked, agreed } = await conformFile(path, []);
    expect([checked, agreed]).toEqual([4, 4]);
  });

  it('does not where one had ended before the other began', async () => {
    const path = recording(
      open(1, '/dev/iommu', 30),
      alloc(1, 30, 2, { tid: 2, begin: 4, flight: 0 }),
      alloc(1, 30, 1, { tid: 3, begin: 5, flight: 0 }),
    );
    expect((await conformFile(path, [])).first).toMatchObject({ line: 5, expected: { ret: 0 } });
  });

  it('follows descriptors that a child has by fork(), and that another process is handed', async () => {
    const path = recording(
      open(1, '/dev/iommu', 30),
      open(1, '/dev/vfio/devices/vfio0', 12),
      { ev: 'fork', pid: 1, tid: 1, ret: 2, errno: 0, files: 'copied' },
      { ev: 'close', pid: 1, tid: 1, fd: 30, ret: 0, errno: 0 },
      // The child's are still open, under the same numbers.
      alloc(2, 30, 1),
      { ev: 'receive', pid: 7, tid: 7, fd: 5, path: '/dev/iommu', from_pid: 2, from_fd: 30 },
      alloc(7, 5, 2),
      { ev: 'exit', pid: 2, tid: 2, status: 0 },
      alloc(7, 5, 3),
      { ev: 'close', pid: 7, tid: 7, fd: 5, ret: 0, errno: 0 },
      open(7, '/dev/iommu', 5),
      alloc(7, 5, 1),
    );
    const { checked, agreed, first } = await conformFile(path, []);
    expect(first).toBeNull();
    expect([checked, agreed]).toEqual([10, 10]);
  });

  it('passes over what is done on descriptors that were open before it began', async () => {
    const path = recording({ ev: 'found', pid: 1, tid: 1, fd: 9, path: '/dev/iommu' }, alloc(1, 9, 17));
    const { checked, skipped } = await conformFile(path, []);
    expect(checked).toBe(0);
    expect(skipped['a descriptor whose opening is not recorded']).toBe(2);
  });

  it('knows of descriptors that nobody saw opened only what calls say of them', async () => {
    const bind = `1800000000000000${'1e'}000000`;
    const path = recording(
      open(1, '/dev/iommu', 30),
      open(1, '/dev/vfio/devices/vfio0', 12),
      {
        ev: 'ioctl',
        ...{ pid: 1, tid: 1, fd: 12, name: 'VFIO_DEVICE_BIND_IOMMUFD', nr: '0x76', ret: 0, errno: 0 },
        in: `${bind}000000000000000000000000`,
        out: `${bind}010000000000000000000000`,
      },
      // SET_IRQS of the request interrupt with eventfd 77.
      {
        ev: 'ioctl',
        ...{ pid: 1, tid: 1, fd: 12, name: 'VFIO_DEVICE_SET_IRQS', nr: '0x6e', ret: 0, errno: 0 },
        in: '18000000240000000400000000000000010000004d000000',
        out: '18000000240000000400000000000000010000004d000000',
      },
    );
    const { checked, agreed, first } = await conformFile(path, []);
    expect(first).toBeNull();
    expect([checked, agreed]).toEqual([4, 4]);
  });
});

describe('the machine of a recording', () => {
  const words = (...values: readonly number[]): string =>
    values.map((value) => Buffer.from(Uint32Array.of(value).buffer).toString('hex')).join('');

  function described(...infos: readonly (readonly [number, string])[]): string {
    const setups = infos.map(([type, info], at) => ({
      ...{
        ev: 'setup',
        bdf: `0000:0${at}:02.0`,
        cdev: `/dev/vfio/devices/vfio${at}`,
        grp: `${at}`,
        smmu: `u${at}`,
      },
      ...{ hw_type: type, hw_info: info },
    }));
    const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-recorder-')), 'recording.jsonl');
    const lines = [HEAD[0], ...setups, open(1, '/dev/iommu', 3)];
    writeFileSync(
      path,
      lines.map((line, seq) => `${JSON.stringify({ seq, section: '', ...line })}\n`).join(''),
    );
    return path;
  }

  it('has the registers that GET_HW_INFO told of each SMMU', async () => {
    const usual = [0, 0, 0x0d44101b, 0x02730010, 0, 0x1414, 0, 0x74, 0, 1];
    const { machine } = await conformFile(
      described([2, words(...usual)], [2, words(...usual.with(7, 0x75))]),
      [],
    );
    expect(machine).toBe('two-smmus, IDR5=0x00000075');
  });

  it('has a VT-d unit where it is one, and says so where it is none of either', async () => {
    const vtd = words(0, 0, 0x20660462, 0x00d2008c, 0x00f050da, 0);
    expect((await conformFile(described([1, vtd]), [])).machine).toBe(
      'one-smmu, VT-d CAP=0xd2008c20660462 ECAP=0xf050da',
    );
    expect((await conformFile(described([0, '']), [])).machine).toBe('one-smmu, an IOMMU of another kind');
  });
});
