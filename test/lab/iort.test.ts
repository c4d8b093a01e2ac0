import { describe, expect, it } from 'vitest';
import { withCanwbs } from '../../lab/iort.ts';

/** A node of a type, its bytes behind the head all 0. */
function node(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16LE(length, 1);
  return bytes;
}

function table(nodes: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(48), ...nodes]);
  bytes.write('IORT', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt32LE(3, 24);
  bytes.writeUInt32LE(nodes.length, 36);
  bytes.writeUInt32LE(48, 40);
  return bytes;
}

const ITS_GROUP = 0;
const ROOT_COMPLEX = 2;
const SMMUV3 = 4;

describe('the IORT of the lab', () => {
  it('has CANWBS on every root complex and nothing else changed but revision and checksum', () => {
    const before = table([
      node(ITS_GROUP, 24),
      node(ROOT_COMPLEX, 40),
      node(SMMUV3, 68),
      node(ROOT_COMPLEX, 60),
    ]);
    const after = withCanwbs(before);
    expect(after.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
    const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
    const [first, second] = [48 + 24 + 23, 48 + 24 + 40 + 68 + 23];
    expect(changed).toEqual([9, 24, first, second]);
    expect([after[first], after[second], after[24]]).toEqual([4, 4, 4]);
  });

  it('is not made from what is no IORT', () => {
    const whole = table([node(ROOT_COMPLEX, 40)]);
    const shorter = whole.subarray(0, -1);
    const other = Buffer.from(whole).fill('X', 0, 4);
    const endless = Buffer.from(whole);
    endless.writeUInt16LE(0, 49);
    const beyond = Buffer.from(whole);
    beyond.writeUInt16LE(41, 49);
    for (const bytes of [shorter, other, endless, beyond, Buffer.alloc(0)])
      expect(() => withCanwbs(bytes)).toThrow(/^expected/);
  });
});
