import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_MEMORY,
  fillBytes,
  type Memory,
  readBytes,
  readWord64,
  writeBytes,
} from '../../../model/world/memory/memory.ts';
import { physicalOf, ramOffsetOf } from '../../../model/world/memory/user-pages.ts';
import { oneSmmu } from '../../../workload/scopes/one-smmu.ts';

const SIZE = 5 * 4096 * 64;
const address = fc.nat({ max: SIZE - 10_000 });
const write = fc.record({ at: address, bytes: fc.uint8Array({ maxLength: 9000 }) });
const fill = fc.record({ at: address, length: fc.nat({ max: 9000 }), byte: fc.nat({ max: 255 }) });

describe('memory', () => {
  test.prop([fc.array(fc.oneof(write, fill), { maxLength: 12 }), address], { numRuns: 40 })(
    'reads what an array of bytes would',
    (steps, at) => {
      let memory: Memory = EMPTY_MEMORY;
      const model = new Uint8Array(SIZE);
      for (const step of steps) {
        if ('bytes' in step) {
          memory = writeBytes(memory, step.at, step.bytes);
          model.set(step.bytes, step.at);
        } else {
          memory = fillBytes(memory, step.at, step.length, step.byte);
          model.fill(step.byte, step.at, step.at + step.length);
        }
      }
      expect(readBytes(memory, at, 9000)).toEqual(model.slice(at, at + 9000));
      const word = at - (at % 8);
      expect(readWord64(memory, word)).toBe(new DataView(model.buffer).getBigUint64(word, true));
    },
  );

  it('keeps the memory that a write started from', () => {
    const before = writeBytes(EMPTY_MEMORY, 4090, new Uint8Array(12).fill(7));
    const kept = readBytes(before, 4000, 200);
    fillBytes(writeBytes(before, 4095, new Uint8Array(2)), 0, 8192, 0);
    expect(readBytes(before, 4000, 200)).toEqual(kept);
  });
});

describe('the place of user memory', () => {
  const { platform } = oneSmmu;
  const { start, last } = platform.userMemory[0] ?? { start: 0n, last: 0n };

  it.each([
    [start, 0],
    [start + 0x1234n, 0x1234],
    [last, 0x3f_ffff],
  ])('of %s is offset %s in RAM', (va, offset) => {
    const physical = physicalOf(platform, va);
    expect(physical === null ? null : ramOffsetOf(platform, physical)).toBe(offset);
  });

  it.each([start - 1n, last + 1n, 0x1000n])('of %s is nowhere', (va) => {
    expect(physicalOf(platform, va)).toBeNull();
  });

  it.each([0n, 0x802_0000n, 0x4040_0000n])('RAM does not reach to %s', (physical) => {
    expect(ramOffsetOf(platform, physical)).toBeNull();
  });
});
