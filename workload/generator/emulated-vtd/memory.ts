import { hasWidth } from '../../../model/vtd/architecture/unit.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import { encode, type Layout } from '../../../spec/bits.ts';
import {
  AddressWidth,
  ContextTt,
  legacyContext,
  Pgtt,
  pasidDirectoryEntry,
  pasidEntry,
  rootEntry,
  scalableContext,
} from '../../../spec/vtd/entries.ts';
import {
  BUSES,
  directoryWords,
  entryFor,
  legacyContextAt,
  legacyRootWords,
  nestedEntries,
  OPEN,
  rootAt,
  scalableContextAt,
  scalableRootWords,
  setOf,
  VTD_LAYOUT,
  VTD_PAGES,
} from '../../scopes/emulated-vtd-memory.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { withAnyField } from '../emulated/any-field.ts';
import { drawSource, store, type VtdMove } from './move.ts';

/** Words with another bit somewhere, legal or not. */
function flipped(words: readonly bigint[], draw: Draw): readonly bigint[] {
  const at = draw(words.length);
  return words.with(at, (words[at] ?? 0n) ^ (1n << BigInt(draw(64))));
}

/** As they are meant; sometimes with any value in a field, with another bit, or nothing at all. */
function varied(of: Layout, words: readonly bigint[], draw: Draw): readonly bigint[] {
  switch (draw(12)) {
    case 0:
      return withAnyField(of, words, draw);
    case 1:
      return flipped(words, draw);
    case 2:
      return words.map(() => 0n);
    default:
      return words;
  }
}

const isScalable = ({ vtd }: EmulatedVtd): boolean => vtd.root.mode === 'scalable';

const drawSet = (draw: Draw): 0 | 1 => (oneIn(2, draw) ? 1 : 0);

const storeRoot: VtdMove = {
  weight: () => 2,
  make(state, draw) {
    const bus = oneIn(3, draw) ? pick(BUSES, draw) : 0;
    const [root, words] = isScalable(state)
      ? [VTD_LAYOUT.scalableRoot, scalableRootWords(bus)]
      : [VTD_LAYOUT.legacyRoot, legacyRootWords(bus)];
    const [half = 0n] = words;
    const meant = oneIn(3, draw) ? words : [...varied(rootEntry, [half], draw), ...words.slice(1)];
    return store(rootAt(root, bus), oneIn(6, draw) ? flipped(meant, draw) : meant);
  },
};

const storeContext: VtdMove = {
  weight: () => 12,
  make(state, draw) {
    const source = drawSource(draw);
    return isScalable(state)
      ? store(scalableContextAt(source), varied(scalableContext, drawScalable(state, source, draw), draw))
      : store(legacyContextAt(source), varied(legacyContext, drawLegacy(state, source, draw), draw));
  },
};

function drawScalable({ vtd }: EmulatedVtd, source: number, draw: Draw): readonly bigint[] {
  const set = oneIn(3, draw) ? drawSet(draw) : setOf(source);
  const fields = { P: oneIn(10, draw) ? 0 : 1, FPD: oneIn(6, draw) ? 1 : 0 };
  const PASIDE = vtd.unit.pasids ? 1 : 0;
  return encode(scalableContext, { ...fields, PASIDE, PASIDDIRPTR: VTD_LAYOUT.directories[set] });
}

const TYPES: readonly number[] = [
  ContextTt.Untranslated,
  ContextTt.Untranslated,
  ContextTt.Untranslated,
  ContextTt.PassThrough,
  ContextTt.WithDeviceTlb,
];

function drawLegacy({ vtd }: EmulatedVtd, source: number, draw: Draw): readonly bigint[] {
  const set = oneIn(3, draw) ? drawSet(draw) : setOf(source);
  const hasFour = hasWidth(vtd.unit, AddressWidth.Levels4);
  const four = hasFour !== oneIn(6, draw);
  return encode(legacyContext, {
    ...{ P: oneIn(10, draw) ? 0 : 1, FPD: oneIn(6, draw) ? 1 : 0, TT: pick(TYPES, draw) },
    ...{ AW: four ? AddressWidth.Levels4 : AddressWidth.Levels3, DID: 1 + draw(2) },
    SSPTPTR: four ? VTD_LAYOUT.tops[set] : VTD_LAYOUT.level3,
  });
}

const storeDirectory: VtdMove = {
  weight: (state) => (isScalable(state) ? 4 : 0),
  make(_, draw) {
    const set = drawSet(draw);
    const other = directoryWords(oneIn(3, draw) ? drawSet(draw) : set);
    const words = oneIn(8, draw) ? [(other[0] ?? 0n) | 2n] : other;
    return store(VTD_LAYOUT.directories[set], varied(pasidDirectoryEntry, words, draw));
  },
};

const PGTTS: readonly number[] = [...Object.values(Pgtt), 0, 5];

const storePasid: VtdMove = {
  weight: (state) => (isScalable(state) ? 14 : 0),
  make({ vtd }, draw) {
    const set = drawSet(draw);
    if (vtd.unit.nesting && !oneIn(4, draw))
      return store(VTD_LAYOUT.pasidTables[set], varied(pasidEntry, drawNested(draw), draw));
    const own = vtd.unit.firstStage ? Pgtt.First : Pgtt.Second;
    const PGTT = oneIn(8, draw) ? pick(PGTTS, draw) : oneIn(6, draw) ? Pgtt.PassThrough : own;
    const top = VTD_LAYOUT.tops[oneIn(3, draw) ? drawSet(draw) : set];
    const three = oneIn(6, draw);
    const words = encode(pasidEntry, {
      ...{ P: oneIn(10, draw) ? 0 : 1, FPD: oneIn(6, draw) ? 1 : 0, PGTT, DID: 1 + draw(2) },
      AW: oneIn(12, draw) ? draw(8) : three ? AddressWidth.Levels3 : AddressWidth.Levels4,
      FSPTPTR: top,
      SSPTPTR: three ? VTD_LAYOUT.level3 : top,
      FSPM: oneIn(16, draw) ? draw(4) : 0,
    });
    return store(VTD_LAYOUT.pasidTables[set], varied(pasidEntry, words, draw));
  },
};

/** An entry that nests; what the first stage has beside its tables is seldom of the guest's own choice. */
function drawNested(draw: Draw): readonly bigint[] {
  const { guestTables, seconds } = VTD_LAYOUT;
  return encode(pasidEntry, {
    ...{ P: oneIn(10, draw) ? 0 : 1, FPD: oneIn(6, draw) ? 1 : 0, PGTT: Pgtt.Nested, DID: 1 + draw(2) },
    ...{ AW: AddressWidth.Levels4, SSADE: draw(2), EAFE: draw(2), WPE: draw(2) },
    FSPTPTR: oneIn(12, draw) ? guestTables + (1n << BigInt(pick([30, 39, 47], draw))) : guestTables,
    SSPTPTR: oneIn(16, draw) ? seconds[0] | (1n << BigInt(48 + draw(16))) : seconds[0],
  });
}

const NESTED = nestedEntries();

/** An entry of nested tables, mostly of those that lead to others as at boot. */
const storeNested: VtdMove = {
  weight: (state) => (state.vtd.unit.nesting && isScalable(state) ? 20 : 0),
  make(_, draw) {
    const [at, to] = pick(NESTED, draw);
    return store(at, [oneIn(3, draw) ? to | OPEN : drawEntry(to, draw)]);
  },
};

/** Everything, without writes, without reads or what the first stage takes for users, nothing. */
const PERMISSIONS: readonly bigint[] = [OPEN, OPEN, OPEN, OPEN, 5n, 1n, 6n, 2n, 3n, 0n];

function drawEntry(output: bigint, draw: Draw): bigint {
  const word = output | pick(PERMISSIONS, draw);
  if (oneIn(10, draw)) return 0n;
  return oneIn(8, draw) ? word ^ (1n << BigInt(draw(64))) : word;
}

const LARGE = 0x80n;

const storePage: VtdMove = {
  weight: () => 14,
  make(_, draw) {
    if (oneIn(5, draw)) {
      const { level2, largePage, largeOutput, outputs } = VTD_LAYOUT;
      const output = (oneIn(3, draw) ? outputs : largeOutput) | LARGE;
      return store(entryFor(level2, largePage, 21n), [drawEntry(output, draw)]);
    }
    const page = draw(VTD_PAGES);
    const output = VTD_LAYOUT.outputs + BigInt(draw(2 * VTD_PAGES)) * 0x1000n;
    return store(VTD_LAYOUT.level1 + BigInt(8 * page), [drawEntry(output, draw)]);
  },
};

/** An entry that leads to another table; mostly as at boot, since nothing is reached without it. */
const storeTable: VtdMove = {
  weight: () => 5,
  make(_, draw) {
    const { tops, level3, level2, level1, pages } = VTD_LAYOUT;
    const places = [
      [tops[0], level3],
      [tops[1], level3],
      [level3, level2],
      [entryFor(level2, pages, 21n), level1],
    ] as const;
    const [address, table] = pick(places, draw);
    const word = table | OPEN;
    return store(address, [oneIn(2, draw) ? word : drawEntry(oneIn(8, draw) ? table | LARGE : table, draw)]);
  },
};

/** What the guest stores. */
export const MEMORY_MOVES: readonly VtdMove[] = [
  ...[storeRoot, storeContext, storeDirectory, storePasid, storePage, storeTable, storeNested],
];
