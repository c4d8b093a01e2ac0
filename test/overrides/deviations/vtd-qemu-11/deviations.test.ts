import { describe, expect, it } from 'vitest';
import {
  type VtdArchitectureRules,
  vtdArchitectureIntended,
} from '../../../../model/vtd/architecture/rules.ts';
import {
  vtdQemu11Deviations,
  withVtdDeviations,
} from '../../../../overrides/deviations/vtd-qemu-11/index.ts';
import { Pgtt } from '../../../../spec/vtd/entries.ts';
import {
  DIRECTORY,
  PASIDS,
  RAM_END,
  ROOT,
  SECOND_TABLES,
  TABLES,
  unit,
  VtdMemory,
} from '../../../model/vtd/architecture/machine.ts';

const VA = 0x12_3456_7000n;
const PAGE = 0x40_0000n;
const P = 1n;
const RW = 2n;
const US = 4n;
const ALL = P | RW | US;
const ACCESSED = 1n << 5n;
const ONES = (1n << 64n) - 1n;

function first(leaf = PAGE | ALL, fields = {}): VtdMemory {
  return new VtdMemory('scalable').first(fields).map(TABLES, VA, 4, [ALL, ALL, ALL, leaf]);
}

function second(leaf = PAGE | 3n, mode: 'legacy' | 'scalable' = 'scalable', of = unit()): VtdMemory {
  const memory = new VtdMemory(mode, of).map(SECOND_TABLES, VA, 4, [3n, 3n, 3n, leaf]);
  return mode === 'legacy' ? memory.context({}) : memory.second();
}

/** Changes a word. */
function changed(memory: VtdMemory, address: bigint, change: (word: bigint) => bigint): VtdMemory {
  return memory.put(address, [change(memory.read(address) ?? 0n)]);
}

interface Case {
  readonly run: (rules: VtdArchitectureRules) => string;
  readonly architecture: string;
  readonly qemu: string;
}

/** A request where the two part, for every departure that a single request shows. */
const cases: Readonly<Record<string, Case>> = {
  'vtd-legacy-reasons': {
    run: (rules) => second(1n).told({ address: VA, write: true }, rules),
    architecture: 'fault 85',
    qemu: 'fault 5',
  },
  'vtd-interrupt-reason-by-unit': {
    run: (rules) => second(0xfee0_0003n, 'legacy').told(VA, rules),
    architecture: 'fault e',
    qemu: 'fault 87',
  },
  'vtd-fpd-not-for-pasid-table': {
    run: (rules) => changed(first(), DIRECTORY, () => 2n).told(VA, rules),
    architecture: '[51]',
    qemu: 'fault 51',
  },
  'vtd-reserved-context-unqualified': {
    run: (rules) => {
      const memory = new VtdMemory('legacy').context({ FPD: 1 });
      return changed(memory, 0x10_1180n, (word) => word | 0x10n).told(VA, rules);
    },
    architecture: '[b]',
    qemu: 'fault b',
  },
  'vtd-table-mode-half-decoded': {
    run: (rules) => {
      const memory = second(PAGE | 3n, 'legacy');
      memory.rootTable |= 0x800n;
      return memory.told(VA, rules);
    },
    architecture: 'fault 30',
    qemu: '0x400000',
  },
  'vtd-root-address-cut': {
    run: (rules) => {
      const memory = second(PAGE | 3n, 'legacy');
      memory.rootTable |= 1n << 50n;
      return memory.told(VA, rules);
    },
    architecture: 'fault 8',
    qemu: '0x400000',
  },
  'vtd-whole-root-checked': {
    run: (rules) => changed(first(), ROOT + 8n, () => 0x10n).told(VA, rules),
    architecture: '0x400000',
    qemu: 'fault 3a',
  },
  'vtd-context-features-unchecked': {
    run: (rules) =>
      new VtdMemory('scalable', unit({ ecap: { DT: 0 } }))
        .context({ DTE: 1 })
        .first()
        .map(TABLES, VA, 4, [ALL, ALL, ALL, PAGE | ALL])
        .told(VA, rules),
    architecture: 'fault 42',
    qemu: '0x400000',
  },
  'vtd-rid-pasid-unused': {
    run: (rules) =>
      new VtdMemory('scalable', unit({ ecap: { RPS: 1 } }))
        .context({ RID_PASID: 3 })
        .entry({ PGTT: Pgtt.PassThrough }, 3)
        .told(VA, rules),
    architecture: '0x1234567000',
    qemu: 'fault 59',
  },
  'vtd-directory-size-unchecked': {
    run: (rules) => {
      const beyond = 2 ** 13;
      const memory = new VtdMemory('scalable').context({ PASIDE: 1 }).entry({ PGTT: Pgtt.PassThrough });
      memory.put(DIRECTORY + BigInt(beyond / 64) * 8n, [PASIDS | 1n]);
      return memory.told({ address: VA, pasid: beyond }, rules);
    },
    architecture: 'fault 46',
    qemu: '0x1234567000',
  },
  'vtd-directory-reserved-ignored': {
    run: (rules) => changed(first(), DIRECTORY, (word) => word | 4n).told(VA, rules),
    architecture: 'fault 52',
    qemu: '0x400000',
  },
  'vtd-pasid-entry-reserved-ignored': {
    run: (rules) => changed(first(), PASIDS + 24n, () => 1n).told(VA, rules),
    architecture: 'fault 5a',
    qemu: '0x400000',
  },
  'vtd-presence-last': {
    run: (rules) => new VtdMemory('scalable').told(VA, rules),
    architecture: 'fault 59',
    qemu: 'fault 5b',
  },
  'vtd-pass-through-width-unchecked': {
    run: (rules) =>
      new VtdMemory('scalable').entry({ PGTT: Pgtt.PassThrough, AW: 0 as never }).told(VA, rules),
    architecture: 'fault 5b',
    qemu: '0x1234567000',
  },
  'vtd-canonical-by-aw': {
    run: (rules) => first(PAGE | ALL, { AW: 0 }).told(VA, rules),
    architecture: '0x400000',
    qemu: 'fault 80',
  },
  'vtd-all-ones-not-fetched': {
    run: (rules) => first(ONES).told(VA, rules),
    architecture: 'fault 72',
    qemu: 'fault 70',
  },
  'vtd-permissions-at-each-level': {
    run: (rules) =>
      new VtdMemory('scalable')
        .first()
        .map(TABLES, VA, 4, [P | RW, ALL, ALL, 0n])
        .told(VA, rules),
    architecture: 'fault 71',
    qemu: 'fault 81',
  },
  'vtd-dirty-flag-lost': {
    run: (rules) =>
      first(PAGE | ALL | ACCESSED)
        .flags({ address: VA, write: true }, rules)
        .at(-1) ?? '',
    architecture: '203b38:400067',
    qemu: '202d10:203027',
  },
  'vtd-second-stage-flags-ignored': {
    run: (rules) => second().second({ SSADE: 1 }).flags({ address: VA }, rules).at(-1) ?? 'none',
    architecture: '303b38:400103',
    qemu: 'none',
  },
  'vtd-privilege-ignored': {
    run: (rules) => first().context({ RID_PRIV: 1 }).told(VA, rules),
    architecture: 'fault 5d',
    qemu: '0x400000',
  },
  'vtd-snoop-bit-by-unit': {
    run: (rules) => second(PAGE | 0x803n, 'legacy', unit({ ecap: { SC: 0 } })).told(VA, rules),
    architecture: 'fault c',
    qemu: '0x400000',
  },
  'vtd-interrupt-range-by-page': {
    run: (rules) =>
      new VtdMemory('scalable').second().map(SECOND_TABLES, VA, 4, [3n, 3n, 0xfee0_0083n]).told(VA, rules),
    architecture: '0xfef67000',
    qemu: 'fault 87',
  },
  'vtd-pass-through-unbounded': {
    run: (rules) => new VtdMemory('scalable').entry({ PGTT: Pgtt.PassThrough }).told(1n << 50n, rules),
    architecture: 'fault 83',
    qemu: '0x4000000000000',
  },
};

const OF_CACHES = [
  'vtd-hits-by-device',
  'vtd-hit-refused-silently',
  'vtd-cached-context-skips-presence',
  'vtd-pass-through-sticky',
  'vtd-caches-as-held',
];

/** Each has a case in test/model/vtd/emulated/queue.test.ts. */
const OF_QUEUE = [
  'vtd-queue-stays-on',
  'vtd-queue-waits-for-tail',
  'vtd-bare-wait-refused',
  'vtd-too-many-levels-end',
  'vtd-gone-pasid-entry-is-zeros',
  'vtd-page-response-taken',
];

describe("a departure of QEMU's intel-iommu", () => {
  it('has a case here, or one among the sequences or of the queue', () => {
    expect([...Object.keys(cases), ...OF_CACHES, ...OF_QUEUE].sort()).toEqual(
      vtdQemu11Deviations.map(({ name }) => name).sort(),
    );
  });

  it.each(Object.entries(cases))('%s', (name, { run, architecture, qemu }) => {
    const own = vtdQemu11Deviations.filter((each) => each.name === name);
    expect({ architecture: run(vtdArchitectureIntended), qemu: run(withVtdDeviations(own)) }).toEqual({
      architecture,
      qemu,
    });
  });

  it('changes decision points that nobody else changes', () => {
    const points = vtdQemu11Deviations.flatMap(({ rules }) => Object.keys(rules.vtdArchitecture));
    expect(new Set(points).size).toBe(points.length);
    // The one that QEMU gets right is for a mutant.
    expect([...points, 'invalidationReachesLargePage'].sort()).toEqual(
      Object.keys(vtdArchitectureIntended).sort(),
    );
  });

  it('is not met outside RAM or with translation off', () => {
    const memory = second(PAGE | 3n, 'legacy');
    memory.enabled = false;
    expect(memory.told(RAM_END)).toBe('0x100000000');
  });
});
