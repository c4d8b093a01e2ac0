import { beforeAll, describe, expect, it } from 'vitest';
import { readVectorFile } from '../../../conformance/vectors/read.ts';
import { replayVectors } from '../../../conformance/vectors/replay.ts';
import type { VectorFile } from '../../../conformance/vectors/vector-file.ts';
import { smmuArchitectureIntended } from '../../../model/smmu/architecture/rules.ts';
import { smmuQemu11, smmuQemu11Deviations } from '../../../overrides/deviations/smmu-qemu-11.ts';

const NAMES = ['vectors-a', 'vectors-concatenated'] as const;
const files = new Map<string, VectorFile>();

beforeAll(async () => {
  for (const name of NAMES) {
    const { pathname } = new URL(
      `../../../conformance/recordings/qemu-11.1.3/${name}.json.gz`,
      import.meta.url,
    );
    files.set(name, await readVectorFile(pathname));
  }
});

function fileOf(name: string): VectorFile {
  const file = files.get(name);
  if (file === undefined) throw new Error(`${name} was not read`);
  return file;
}

/** Which deviations explain what the architecture alone gets wrong. */
const EXPLAINED = {
  'vectors-a': {
    'ap1-ignored': 509,
    'aptable-checked-at-table': 3,
    'configuration-faults-read': 4,
    'ipa-keeps-low-bits': 237,
    'lower-table-faults-as-stage-1': 2,
    'output-size-checked-last': 14,
    'table-base-translated-only': 2,
    'table-size-unchecked': 12,
    'tbi1-from-tbi0': 10,
    'ttb-cut-to-ips': 12,
  },
  'vectors-concatenated': {
    'ap1-ignored': 409,
    'aptable-checked-at-table': 2,
    'configuration-faults-read': 134,
    'first-concatenated-table-only': 414,
    'ipa-keeps-low-bits': 561,
    'lower-table-faults-as-stage-1': 12,
    'output-size-checked-last': 12,
    'table-base-translated-only': 12,
    'table-size-unchecked': 6,
    'tbi1-from-tbi0': 9,
    'ttbs-translated-with-cd': 29,
  },
} as const;

describe.each(NAMES)('%s', (name) => {
  it('agrees in every access and every recorded field under the rules of QEMU 11', () => {
    expect(replayVectors(name, fileOf(name), smmuQemu11, smmuQemu11Deviations)).toEqual({
      file: name,
      events: 2400,
      checked: 2400,
      agreed: 2400,
      skipped: {},
      deviations: {},
      unnamed: 0,
      first: null,
    });
  });

  it('parts from the architecture only in ways that have a name', () => {
    const report = replayVectors(name, fileOf(name), smmuArchitectureIntended, smmuQemu11Deviations);
    expect(report).toEqual({
      file: name,
      events: 2400,
      checked: 2400,
      agreed: name === 'vectors-a' ? 1693 : 1416,
      skipped: {},
      deviations: EXPLAINED[name],
      unnamed: 0,
      first: null,
    });
  });
});

describe('a replay', () => {
  it('says what was expected and what the model shows where they first part without a name', () => {
    const { first } = replayVectors('a', fileOf('vectors-a'), smmuArchitectureIntended, []);
    const event = { type: 0x11, s2: 1, class: 'IN', rnw: 1 } as const;
    expect(first).toEqual({
      config: 1,
      access: 0,
      iova: 0x5_0ec8_dc14n,
      write: false,
      expected: { pa: null, events: [{ ...event, ipa: 0x5_0ec8_dc14n }] },
      model: { pa: null, events: [{ ...event, ipa: 0x5_0ec8_d000n }] },
    });
  });

  it.each([
    ['a landing place', { pa: 0x4100_0000n }],
    ['an event too many', { events: [{ type: 0x04 }] }],
  ])('notices %s that was never recorded', (_, change) => {
    const file = fileOf('vectors-concatenated');
    const [config] = file.configs;
    const [access] = config?.accesses ?? [];
    if (config === undefined || access === undefined) throw new Error('the file has no access');
    const forged = { ...file, configs: [{ ...config, accesses: [{ ...access, ...change }] }] };
    expect(replayVectors('forged', forged, smmuQemu11, smmuQemu11Deviations)).toMatchObject({
      checked: 1,
      agreed: 0,
      unnamed: 1,
      first: { config: 0, access: 0 },
    });
  });

  it('does not excuse rules that depart where the recorded machine did not', () => {
    const file = fileOf('vectors-a');
    const byTheBook = { iova: 1n << 45n, write: false, pa: null, events: [{ type: 0x11 }] };
    const BYPASS = 0b1001n;
    const config = { ste: [BYPASS], memory: new Map<bigint, bigint>(), accesses: [byTheBook] };
    const recorded = { ...file, configs: [config] };
    expect(replayVectors('book', recorded, smmuArchitectureIntended, smmuQemu11Deviations).agreed).toBe(1);
    expect(replayVectors('book', recorded, smmuQemu11, smmuQemu11Deviations)).toMatchObject({
      agreed: 0,
      unnamed: 1,
      deviations: {},
    });
  });

  it('counts what it does not model as skipped', () => {
    const file = fileOf('vectors-a');
    const BITS_52 = 6n;
    const GRANULE_64K = 1n;
    const STAGE_2 = 0b1101n;
    const ste = [
      STAGE_2,
      0n,
      (31n << 32n) | (1n << 38n) | (GRANULE_64K << 46n) | (BITS_52 << 48n) | (1n << 51n),
    ];
    const access = { iova: 0n, write: false, pa: null, events: [] };
    const config = { ste, memory: new Map<bigint, bigint>(), accesses: [access, access] };
    const wide = { ...file, registers: { ...file.registers, IDR5: 0x76 }, configs: [config] };
    expect(replayVectors('wide', wide, smmuArchitectureIntended, smmuQemu11Deviations)).toMatchObject({
      events: 2,
      checked: 0,
      agreed: 0,
      skipped: { '52-bit addresses': 2 },
    });
  });
});
