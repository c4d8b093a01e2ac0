import { describe, expect, it } from 'vitest';
import { bootSystem, stepSystem } from '../../conformance/linux/system.ts';
import { generateSequence } from '../../live/generate.ts';
import { ModelTarget } from '../../live/model-target.ts';
import { planRun } from '../../live/plan.ts';
import { type LiveSequence, standsAlone } from '../../live/step.ts';
import { bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { intended } from '../../model/rules.ts';
import { ERRNO } from '../../spec/errno.ts';
import { DESCRIBED } from './machine.ts';

const MEMORY = { start: 0x1000_0000n, length: 0x1000 };

/** Draws from a generator of its own (mulberry32), so that a seed means the same everywhere. */
function drawsOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

function call(command: Call['command'], args: Call['args'], as?: string): LiveSequence[number] {
  return { kind: 'call', call: { actor: 'vmm:process', command, args, ...(as === undefined ? {} : { as }) } };
}

describe('a sequence as operations of the agent', () => {
  it('refers to what earlier calls gave, and to nothing where nothing gave it', () => {
    const { operations } = planRun(
      [
        call('openIommufd', {}, 'iommufd0'),
        call('openCdev', { device: '0000:00:02.0' }, 'cdev0'),
        call('vfioBind', { fd: 'cdev0', iommufd: 'iommufd0' }, 'device0'),
        call('ioasAlloc', { fd: 'iommufd0' }, 'ioas0'),
        call('hwptAlloc', { fd: 'iommufd0', devId: 'device0', ptId: 'hwpt7' }, 'hwpt0'),
        call('ioasMap', { fd: 'iommufd0', ioasId: 'ioas0', userVa: 0x1234n, length: 0x1000n }),
      ],
      MEMORY,
      DESCRIBED.cdevs,
    );
    expect(operations).toEqual([
      'mmap 268435456 4096 3 50 -1 0',
      'open /dev/iommu',
      'open /dev/vfio/devices/vfio0',
      `ioctl $2 0x3b76 18${'00'.repeat(23)} b 16 - p 8 4 $1`,
      'ioctl $1 0x3b81 0c0000000000000000000000',
      `ioctl $1 0x3b89 30${'00'.repeat(47)} b 32 - p 8 4 $3+12:4 p 12 4 2147483647`,
      `ioctl $1 0x3b85 28${'00'.repeat(15)}34120000000000000010000000000000${'00'.repeat(8)} p 8 4 $4+8:4`,
    ]);
  });

  it('means the same as the calls that it was made from', async () => {
    const workshop = {
      described: DESCRIBED,
      rules: intended,
      steps: 40,
      avoided: new Set<string>(),
      races: false,
      left: new Set<string>(),
    };
    const target = new ModelTarget(DESCRIBED, intended);
    let compared = 0;
    for (let seed = 1; seed <= 48; seed++) {
      const sequence = generateSequence(workshop, null, drawsOf(seed));
      if (sequence.some(({ kind }) => kind !== 'call')) continue;
      const { lines, steps } = await target.run(sequence);
      let system = bootSystem(DESCRIBED.platform, true);
      let bindings = NO_BINDINGS;
      for (const [at, step] of sequence.entries()) {
        if (step.kind !== 'call') continue;
        const { system: after, result } = stepSystem(system, resolveCall(step.call, bindings), intended);
        system = after;
        bindings = bindResult(step.call, result, bindings);
        const line = lines[steps.indexOf(at)];
        if (line === undefined || !('errno' in line)) continue;
        expect([step.call.command, line.errno]).toEqual([
          step.call.command,
          result.ok ? 0 : ERRNO[result.errno],
        ]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  it('hangs on nothing that an earlier run left in a device', () => {
    const transfer = (direction: 'from-mem' | 'to-mem', length: number) =>
      ({ kind: 'transfer', device: '0000:00:02.0', direction, iova: 0n, length }) as const;
    expect(standsAlone([transfer('from-mem', 8), transfer('to-mem', 4)])).toBe(true);
    expect(standsAlone([transfer('to-mem', 4)])).toBe(false);
    expect(standsAlone([transfer('from-mem', 4), transfer('to-mem', 8)])).toBe(false);
  });
});
