import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conformFile, judgeFile } from '../../../conformance/index.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';
import {
  machineFolder,
  openTheatre,
  playOf,
  recordPlay,
  type Theatre,
  withInput,
} from '../../support/played.ts';

function bad(): never {
  throw new Error('no scope');
}

async function traced(pid: number): Promise<boolean> {
  return /^TracerPid:\t[1-9]/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
}

const STEPS = new URL('../../properties/calls/', import.meta.url);

let theatre: Theatre;

beforeAll(async () => {
  theatre = await openTheatre();
}, 60_000);

/** Records a VMM whose ioctls the model answers, and looks at what was recorded. */
async function played(name: string) {
  const { play, platform } = playOf(await readFile(new URL(`${name}.steps`, STEPS), 'utf8'));
  const recording = await recordPlay(theatre, play, platform);
  const { report, judgements } = await judgeFile(recording, [], CALLS_PROPERTIES, {
    design: {},
    defects: [],
  });
  return { recording, report, judgements };
}

/** What is recorded of calls that ordinary files refuse. */
async function recorded(play: string): Promise<readonly Record<string, unknown>[]> {
  const platform = scopeByName('one-smmu')?.platform;
  if (platform === undefined) throw new Error('no scope');
  const root = await machineFolder(theatre, platform);
  const output = join(root, 'recording.jsonl');
  await withInput(theatre.recorder, ['-o', output, '--root', root, '--', theatre.player], play, {
    ROOT: root,
  });
  const lines = (await readFile(output, 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the recorder', () => {
  it('describes the machine, and every device that VFIO has', async () => {
    const [meta, ...setups] = await recorded('open /dev/iommu\n');
    expect(meta).toMatchObject({ ev: 'meta', recorder: 'nestcheck-recorder/1', page_size: 4096 });
    expect(setups.filter(({ ev }) => ev === 'setup')).toEqual([
      expect.objectContaining({
        bdf: '0000:00:02.0',
        cdev: '/dev/vfio/devices/vfio0',
        grp: '0',
        smmu: 'arm-smmu-v3.0.auto',
        reset: 'flr bus',
        bar0: 0x10_0000,
        config: 256,
        intx: 1,
        msi: 1,
      }),
      expect.objectContaining({ bdf: '0000:00:03.0', grp: '1' }),
    ]);
  });

  it('has calls of every kind, of every thread and process, with what they got', async () => {
    const lines = await recorded(`
open /dev/vfio/devices/vfio0
open /dev/iommu
open /dev/vfio/devices/vfio9
ioctl 4 81 0c0000000000000000000000
ioctl 4 89 300000000000000001000000040000000000000000000000020000001000000000000000000000000000000000000000 b 32 01000000000000000200000000000000
ioctl 3 f0 -
map 3 4096
unmap
dup 4
dup2 3 5
memory 0x50000000 0x10000
ioctl 4 85 280000000700000002000000000000000000005000000000000001000000000000000a0900000000
thread
ioctl 4 80 0800000002000000
end
fork
close 4
end
pass 4
ioctl 3 80 0800000009000000
end
fork
exec
end
close 5
`);
    const calls = lines.filter(({ ev }) => ev !== 'meta' && ev !== 'setup');
    const main = calls[0]?.pid;
    const told = calls.map(({ ev, pid, tid, fd, nr, ret, errno, path, note, from_fd: from }) =>
      [
        pid === main ? (tid === main ? 'main' : 'thread') : 'child',
        ev,
        ...[fd, nr, path, from].filter((each) => each !== undefined),
        ...(ret === undefined || ev === 'fork' ? [] : [`-> ${ret} ${errno}`]),
        ...(note === undefined ? [] : [`(${note})`]),
      ].join(' '),
    );
    expect(told).toEqual([
      'main open /dev/vfio/devices/vfio0 -> 3 0',
      'main open /dev/iommu -> 4 0',
      'main open /dev/vfio/devices/vfio9 -> -1 2',
      'main ioctl 4 0x81 -> -1 25',
      'main ioctl 4 0x89 -> -1 25',
      'main ioctl 3 0xf0 -> -1 25',
      'main mmap 3',
      'main munmap',
      'main dup 4 -> 5 0',
      'main close 5 -> 0 0 (dup2())',
      'main dup 3 -> 5 0',
      'main mmap (memory that the process has)',
      'main ioctl 4 0x85 -> -1 25',
      'thread ioctl 4 0x80 -> -1 25',
      'main fork',
      'child close 4 -> 0 0',
      'child exit',
      'main fork',
      'child close 3 -> 0 0 (close_range())',
      'child close 4 -> 0 0 (close_range())',
      'child close 5 -> 0 0 (close_range())',
      'child receive 3 /dev/iommu 4',
      'child ioctl 3 0x80 -> -1 25',
      'child exit',
      'main fork',
      expect.stringMatching(/^child execve .*true -> 0 0$/),
      'child exit',
      'main close 5 -> 0 0',
      'main exit',
    ]);
    // What a pointer points at is there, and where it points is not.
    expect(calls[4]).toMatchObject({
      in: '300000000000000001000000040000000000000000000000020000001000000000000000000000000000000000000000',
      bufs: [{ off: 32, in: '01000000000000000200000000000000' }],
    });
    expect(calls[5]).toMatchObject({ in: '', out: '' });
    expect(calls[11]).toMatchObject({ va: '0x50000000', len: '0x10000', prot: 'rw' });
  });

  it('of a VMM that gets everything right agrees with the model, and holds every property', async () => {
    const { report, judgements } = await played('good');
    expect([report.first, report.checked]).toEqual([null, report.agreed]);
    expect(report.checked).toBeGreaterThan(25);
    expect(judgements.map(({ property, verdict }) => [property.id, verdict])).toEqual(
      CALLS_PROPERTIES.map(({ id }) => [id, 'holds']),
    );
  });

  it.each([
    ['loses-invalidations', 'vmm-resumes-invalidations'],
    ['unplug-by-parent', 'vmm-unplug-opens-nothing'],
    ['leaks-descriptors', 'vmm-keeps-its-descriptors'],
    ['unread-events', 'vmm-reads-its-events'],
    ['shallow-queue', 'vmm-loses-no-events'],
  ])('of a VMM that %s breaks %s, at its line', async (name, id) => {
    const { recording, report, judgements } = await played(name);
    expect([report.first, report.checked]).toEqual([null, report.agreed]);
    const violated = judgements.filter(({ verdict }) => verdict === 'violated');
    expect(violated.map(({ property }) => property.id)).toEqual([id]);
    const lines = (await readFile(recording, 'utf8')).trim().split('\n');
    const { line = 0 } = violated[0] ?? {};
    expect({ ev: JSON.parse(lines[(line ?? 0) - 1] ?? '{}').ev }).toMatchSnapshot(name);
  });

  it('lets a process go that it was attached to, in the middle of a call, and the process goes on', async () => {
    const root = await machineFolder(theatre, scopeByName('one-smmu')?.platform ?? bad());
    const output = join(root, 'attached.jsonl');
    const vmm = spawn(theatre.player, [], { env: { ROOT: root }, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise((resolve) => vmm.on('close', resolve));
    const attached = spawn(theatre.recorder, ['-o', output, '--root', root, '--pid', String(vmm.pid)]);
    const left = new Promise((resolve) => attached.on('close', resolve));
    // Its first lines are written when it is about to attach; then the process is traced soon.
    while (!(await traced(vmm.pid ?? 0))) await new Promise((resolve) => setTimeout(resolve, 20));
    attached.kill('SIGINT');
    expect(await left).toBe(0);
    // It was reading, and reads on: a script that is none ends it with 3.
    vmm.stdin.end('bogus\n');
    expect(await ended).toBe(3);
  });

  it('lets a process go that makes one call after the other, and it goes on', async () => {
    const root = await machineFolder(theatre, scopeByName('one-smmu')?.platform ?? bad());
    const output = join(root, 'busy.jsonl');
    await writeFile(join(root, 'dev/iommu'), '');
    const vmm = spawn(theatre.player, [], { env: { ROOT: root }, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise((resolve) => vmm.on('close', (code, signal) => resolve(signal ?? code)));
    vmm.stdin.end('open /dev/iommu\nloop 3 80 2000000000\n');
    const attached = spawn(theatre.recorder, ['-o', output, '--root', root, '--pid', String(vmm.pid)]);
    const left = new Promise((resolve) => attached.on('close', resolve));
    // It is in the middle of what the process does.
    const isBusy = async (): Promise<boolean> =>
      (await readFile(output, 'utf8').catch(() => '')).split('\n').length > 100;
    while (!(await isBusy())) await new Promise((resolve) => setTimeout(resolve, 20));
    attached.kill('SIGINT');
    expect(await left).toBe(0);
    expect([vmm.exitCode, vmm.signalCode, await traced(vmm.pid ?? 0)]).toEqual([null, null, false]);
    vmm.kill('SIGUSR1');
    expect(await ended).toBe('SIGUSR1');
  });

  it('has what VMMs say of their guests, and nothing else that they write', async () => {
    const root = await machineFolder(theatre, scopeByName('one-smmu')?.platform ?? bad());
    const output = join(root, 'said.jsonl');
    const written = [
      'cloud-hypervisor:   1.250000s: <vcpu0> DEBUG:devices/src/smmuv3.rs:627 -- SMMUv3 ignoring command opcode 0x47',
      '   3.000000001s  WARN smmu::emulator: smmu: unknown CMDQ opcode opcode=2',
      '4711@1700000000.000000:smmuv3_read_mmio addr: 0x20 val:0x0 size: 0x4(0)',
      'arm-smmu-v3 arm-smmu-v3.0.auto: a line of the guest',
      'a secret of mysmmu: 1',
    ];
    const vmm = spawn(theatre.recorder, [
      ...['-o', output, '--root', root, '--', '/bin/sh', '-c', 'printf "%s\\n" "$@" >&2', 'sh', ...written],
    ]);
    await new Promise((resolve) => vmm.on('close', resolve));
    const lines = (await readFile(output, 'utf8')).trim().split('\n');
    const said = lines.map((line) => JSON.parse(line)).filter(({ ev }) => ev === 'said');
    expect(said.map(({ text }) => text)).toEqual([
      'SMMUv3 ignoring command opcode 0x47',
      'smmu: unknown CMDQ opcode opcode=2',
      'smmuv3_read_mmio addr: 0x20 val:0x0 size: 0x4(0)',
    ]);
  });

  it('can be read where its last line was not written to its end', async () => {
    const { recording } = await played('good');
    const text = await readFile(recording, 'utf8');
    const cut = `${recording}.cut.jsonl`;
    await writeFile(cut, text.slice(0, -30));
    const { checked, agreed, skipped } = await conformFile(cut, []);
    expect(agreed).toBe(checked);
    expect(skipped['a last line that was not written to its end']).toBe(1);
  });
});
