import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../../model/boot.ts';
import { wordKey } from '../../../../model/platform/guest-memory.ts';
import { intended } from '../../../../model/rules.ts';
import { step } from '../../../../model/step.ts';
import { emulated } from '../../../../workload/scopes/emulated.ts';

const ADDRESS = 0x4100_0000n;

describe("memory that a guest's emulated SMMU walks", () => {
  it.each([
    ['what is stored, word by word', [5n, 6n], [5n, 6n]],
    ['what was there, where no words are given', null, [undefined, undefined]],
  ])('has %s', (_what, words, there) => {
    const world = bootWorld(emulated.platform);
    const args = { address: ADDRESS, words };
    const done = step(world, { actor: 'guest:vm0', command: 'emulatedStore', args }, intended);
    expect(done.result).toMatchObject({ ok: true });
    const memory = done.world.emulated?.memory ?? {};
    expect([memory[wordKey(ADDRESS)], memory[wordKey(ADDRESS + 8n)]]).toEqual(there);
  });
});
