import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentChannel } from '../../lab/channel.ts';
import { labTree } from '../../lab/places.ts';

const run = promisify(execFile);
const SCRIPT = join(labTree(), 'scripts', 'agent.sh');

describe('the agent, without a kernel that has iommufd', () => {
  let program = '';
  let agent: ChildProcessWithoutNullStreams | null = null;

  beforeAll(async () => {
    program = join(await mkdtemp(join(tmpdir(), 'nestcheck-agent-')), 'agent');
    await run('bash', [SCRIPT, program]);
  });

  afterEach(() => {
    agent?.kill();
    agent = null;
  });

  function start(...devices: string[]): AgentChannel {
    agent = spawn(program, devices, { env: { NESTCHECK_AGENT_BACKEND: 'fake' } });
    return new AgentChannel(agent.stdout, agent.stdin);
  }

  it('says what it is and which devices it was given', async () => {
    const { devices, pageSize } = await start('0000:00:02.0', '0000:01:01.0').hello();
    expect(pageSize).toBeGreaterThanOrEqual(4096);
    expect(devices.map(({ bdf, group, cdev }) => [bdf, group, cdev])).toEqual([
      ['0000:00:02.0', 7, '/dev/vfio/devices/vfio0'],
      ['0000:01:01.0', 8, '/dev/vfio/devices/vfio1'],
    ]);
  });

  it('gives a later call what an earlier one returned or left in its struct', async () => {
    const { answers, end } = await start().batch(
      [
        'open /dev/iommu',
        'ioctl $0 0x3b80 0c00000000000000ffffffff',
        'ioctl $0 0x3b84 00000000000000000000000000000000 b 8 01020304 p 0 4 $0 p 4 4 $1+4:4',
        'close $0',
        'ioctl $0 0x3b80 0000000000000000',
      ],
      5000,
    );
    expect(end).toBe('ok');
    expect(answers).toEqual([
      { kind: 'done', ret: 3, errno: 0, out: '', buffers: [] },
      { kind: 'done', ret: 0, errno: 0, out: '0c00000001000000ffffffff', buffers: [] },
      { kind: 'done', ret: 0, errno: 0, out: `0300000001000000${'00'.repeat(8)}`, buffers: ['fefdfcfb'] },
      { kind: 'done', ret: 0, errno: 0, out: '', buffers: [] },
      { kind: 'done', ret: -1, errno: 9, out: '0000000000000000', buffers: [] },
    ]);
  });

  it('resolves what failed to an id that never existed', async () => {
    const { answers } = await start().batch(
      [
        'open /dev/iommu',
        'ioctl $0 0x3b81 00000000',
        'ioctl $0 0x3b84 00000000000000000000000000000000 b 8 00000000 p 4 4 $1+0:4',
      ],
      5000,
    );
    expect(answers[1]).toMatchObject({ ret: -1, errno: 2 });
    expect(answers[2]).toMatchObject({ out: `00000000ffffff7f${'00'.repeat(8)}` });
  });

  it('begins every batch with nothing open', async () => {
    const channel = start();
    for (let times = 0; times < 3; times++) {
      const { answers, end } = await channel.batch(['open /dev/iommu', 'open /dev/null', 'eventfd'], 5000);
      expect([end, ...answers.map((answer) => answer.kind === 'done' && answer.ret)]).toEqual([
        'ok',
        3,
        4,
        5,
      ]);
    }
  });

  it('ends a call that takes too long, and goes on', async () => {
    const channel = start();
    const hangs = await channel.batch(['open /dev/iommu', 'ioctl $0 0x3b82 00000000', 'open /dev/null'], 300);
    expect(hangs.end).toBe('timeout');
    expect(hangs.answers).toEqual([expect.objectContaining({ ret: 3 }), { kind: 'unfinished' }]);
    expect((await channel.batch(['open /dev/null'], 1000)).end).toBe('ok');
  });

  it('outlives a process that dies', async () => {
    const channel = start();
    expect((await channel.batch(['open /dev/iommu', 'ioctl $0 0x3b83 00000000'], 1000)).end).toBe('died');
    expect((await channel.batch([], 1000)).end).toBe('ok');
  });

  it('has memory that can be mapped, written, read, made read-only and taken away', async () => {
    const at = 0x5000_0000_0000;
    const { answers } = await start().batch(
      [
        `mmap ${at} 0x2000 3 0x32 -1 0`,
        `store ${at} 0123456789abcdef01`,
        `fill ${at + 9} 2 0x5a`,
        `load ${at} 12`,
        `munmap ${at + 0x1000} 0x1000`,
        `load ${at + 0x1000} 4`,
        `mprotect ${at} 0x1000 1`,
        `store ${at} 00`,
        `load ${at} 1`,
      ],
      5000,
    );
    const seen = answers.map((answer) => answer.kind === 'done' && (answer.out || answer.errno));
    expect(seen).toEqual([0, 0, 0, '0123456789abcdef015a5a00', 0, 14, 0, 14, '01']);
  });

  it('has a second process with the descriptors of the first', async () => {
    const { answers, end } = await start().batch(
      [
        'open /dev/iommu',
        'fork',
        '@1 ioctl $0 0x3b80 0000000000000000',
        '@1 close $0',
        'ioctl $0 0x3b80 0000000000000000',
        '@2 open /dev/null',
        '@1 exit',
      ],
      5000,
    );
    expect(end).toBe('ok');
    expect(answers.map((answer) => answer.kind === 'done' && [answer.ret, answer.errno])).toEqual([
      [3, 0],
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [-1, 3],
      [0, 0],
    ]);
  });

  it('has threads that start together, each with its own operations in their order', async () => {
    const meets = 'ioctl $0 0x3b85 00000000';
    const { answers, end } = await start().batch(
      [
        'open /dev/iommu',
        `&1 ${meets}`,
        '&1 open /dev/null',
        `&2 ${meets}`,
        '&2 load 0x1000 4',
        '&1 ioctl $2 0x3b80 0000000000000000 b 0 01020304',
        '&2 ioctl $0 0x3b84 00000000000000000000000000000000 b 8 01020304',
        'close $2',
      ],
      5000,
    );
    expect(end).toBe('ok');
    const done = answers.flatMap((answer) => (answer.kind === 'done' ? [answer] : []));
    expect(done.map(({ ret, errno }) => [ret, errno])).toEqual([
      [3, 0],
      [0, 0],
      [4, 0],
      [0, 0],
      [-1, 14],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    // Each has buffers of its own.
    expect(done[5]?.buffers).toEqual(['01020304']);
    expect(done[6]?.buffers).toEqual(['fefdfcfb']);
    // Neither of the two that met had ended when the other began; others of a thread follow.
    const [one, two] = [done[1]?.ticks, done[3]?.ticks];
    expect(one?.began).toBeLessThan(two?.ended ?? 0);
    expect(two?.began).toBeLessThan(one?.ended ?? 0);
    expect(done[2]?.ticks?.began).toBeGreaterThan(one?.ended ?? 99);
    expect([done[0]?.ticks, done[7]?.ticks]).toEqual([undefined, undefined]);
  });

  it('ends a stretch in which a thread does not come back, and says how far each came', async () => {
    const channel = start();
    const batch = ['open /dev/iommu', '&1 ioctl $0 0x3b82 00000000', '&1 eventfd', '&2 eventfd', 'eventfd'];
    const { answers, end } = await channel.batch(batch, 300);
    expect(end).toBe('timeout');
    expect(answers).toEqual([
      expect.objectContaining({ ret: 3 }),
      { kind: 'unfinished' },
      { kind: 'unbegun' },
      expect.objectContaining({ ret: 4 }),
    ]);
    expect((await channel.batch(['&1 eventfd', '&3 eventfd'], 1000)).end).toBe('ok');
  });

  it('touches no device and no file that was not named to it, and makes no other call', async () => {
    for (const operation of [
      'open /dev/vfio/devices/vfio1',
      'open /etc/passwd',
      'open /dev/vfio/9',
      'unbind 0000:00:03.0',
      'reset 0000:00:03.0',
      'transfer 0000:00:03.0 to-mem 0 4',
      'exec /bin/sh',
      'open /dev/iommu O_CREAT',
    ]) {
      const channel = start('0000:00:02.0');
      await channel.hello();
      await expect(channel.batch([operation], 1000)).rejects.toThrow(/does not understand/);
      agent?.kill();
    }
    const named = start('0000:00:02.0');
    const { answers } = await named.batch(
      [
        'open /dev/null',
        'ioctl $0 0x5413 0000000000000000',
        `ioctl $0 0x3b6a ${Buffer.from('0000:00:03.0\0').toString('hex')}`,
        'read 0 1 -1',
        'write 1 00',
      ],
      1000,
    );
    expect(answers.slice(1)).toEqual(Array.from({ length: 4 }, () => ({ kind: 'refused' })));
  });

  it('does nothing of a batch with a line that it does not understand, and says which', async () => {
    for (const [line, says] of [
      ['ioctl 3 0x3b80 0', /operation 1: expected the argument of ioctl/],
      ['ioctl 3 0x3b80 00000000 b 0 00', /operation 1: expected b OFFSET BYTES/],
      ['ioctl 3 0x3b80 00000000 p 1 4 0', /operation 1: expected b OFFSET BYTES/],
      ['close $1', /operation 1: expected a number/],
      ['close 99999999999999999999', /operation 1: expected a number/],
      ['close', /operation 1: expected a number/],
      ['close 3 4', /operation 1: expected nothing more/],
      ['', /operation 1: expected an operation/],
      ['@9 close 3', /operation 1: expected @ and the number/],
      ['&0 close 3', /operation 1: expected & and the number/],
      ['&4 close 3', /operation 1: expected & and the number/],
      ['@1 &1 close 3', /operation 1: expected & and the number/],
      ['&1 fork', /operation 1: expected an operation that a thread can do/],
    ] as const) {
      const channel = start();
      await channel.hello();
      await expect(channel.batch(['open /dev/null', line], 1000)).rejects.toThrow(says);
      agent?.kill();
    }
  });

  it('takes no reference to what another thread of the stretch may not have done yet', async () => {
    const channel = start();
    await channel.hello();
    const across = ['open /dev/null', '&1 dup $0', '&2 close $1'];
    await expect(channel.batch(across, 1000)).rejects.toThrow(
      /operation 2: expected a number, or a reference/,
    );
    const behind = ['open /dev/null', '&1 dup $0', '&1 close $1', 'close $0', '&2 close $1'];
    const { answers } = await start().batch(behind, 1000);
    expect(answers.at(-1)).toMatchObject({ ret: -1, errno: 9 });
  });
});

describe('a machine without a C compiler', () => {
  it('is told so in one line', async () => {
    const failed = run('bash', [SCRIPT, join(tmpdir(), 'never')], {
      env: { ...process.env, CC: 'no-such-compiler' },
    });
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: 'lab: no C compiler no-such-compiler\n' });
  });
});
