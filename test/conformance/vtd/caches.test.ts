import { describe, expect, it } from 'vitest';
import { replayVtdSequences } from '../../../conformance/vtd/sequences.ts';
import { type VtdSequences, vtdFileOf } from '../../../conformance/vtd/vtd-file.ts';
import { vtdArchitectureIntended } from '../../../model/vtd/architecture/rules.ts';
import { vtdQemu11, vtdQemu11Deviations } from '../../../overrides/deviations/vtd-qemu-11/index.ts';
import { encodeDescriptor } from '../../../spec/vtd/descriptor.ts';
import { Pgtt } from '../../../spec/vtd/entries.ts';
import { CONTEXTS, PASIDS, SECOND_TABLES, TABLES, VtdMemory } from '../../model/vtd/architecture/machine.ts';
import { access, invalidate, SECOND, sequences, store } from './forge.ts';

const VA = 0x12_3456_7000n;
const PAGE = 0x100_0000n;
const OTHER = 0x110_0000n;
const ALL = 0x67n;
/** The context entry and the PASID table entry of 0x18, and the last entry of its tables. */
const CONTEXT = CONTEXTS + 0x18n * 32n;
const LEAF = TABLES + 0x3b38n;

function first(leaf = PAGE | ALL): VtdMemory {
  return new VtdMemory('scalable').first().map(TABLES, VA, 4, [ALL, ALL, ALL, leaf]);
}

function replay(steps: readonly unknown[], memory: VtdMemory = first(), registers?: typeof SECOND) {
  const file = vtdFileOf('forged', {
    value: sequences(steps, memory, registers),
    lineOf: () => 1,
  }) as VtdSequences;
  const byTheBook = replayVtdSequences(file, vtdArchitectureIntended, vtdQemu11Deviations);
  const asQemu = replayVtdSequences(file, vtdQemu11, vtdQemu11Deviations);
  return {
    book: byTheBook.checked - byTheBook.agreed,
    named: [...byTheBook.deviations.keys()],
    unnamed: byTheBook.unnamed,
    qemu: asQemu.checked - asQemu.agreed,
  };
}

const AGREES = { book: 0, named: [], unnamed: 0, qemu: 0 };
const reads = access(VA, PAGE, { value: '0x1000000' });
const iotlbOfDomain = (DID: number) => invalidate(...encodeDescriptor('IOTLB', { G: 2, DID }));
const contexts = invalidate(...encodeDescriptor('CONTEXT_CACHE', { G: 1 }));
const pasids = invalidate(...encodeDescriptor('PASID_CACHE', { G: 3 }));

describe('what the IOTLB holds', () => {
  it('may be used until it is invalidated, and no longer', () => {
    const edit = store(LEAF, OTHER | ALL);
    const later = access(VA, OTHER, { value: '0x1100000' });
    expect(replay([reads, edit, reads])).toEqual(AGREES);
    expect(replay([reads, edit, iotlbOfDomain(5), later])).toEqual(AGREES);
    expect(replay([reads, edit, iotlbOfDomain(6), reads])).toEqual(AGREES);
    expect(replay([reads, edit, iotlbOfDomain(5), reads])).toMatchObject({ book: 1, unnamed: 1, qemu: 1 });
  });

  it('need not be used by the specification, but is by QEMU', () => {
    const now = access(VA, OTHER, { value: '0x1100000' });
    expect(replay([reads, store(LEAF, OTHER | ALL), now])).toEqual({ ...AGREES, qemu: 1 });
  });

  it('goes with pages of a first stage whatever the pages, and of a second stage by page', () => {
    const page = (DID: number, ADDR: bigint) =>
      invalidate(...encodeDescriptor('IOTLB', { G: 3, DID, ADDR, AM: 0, DR: 1, DW: 1 }));
    const edit = store(LEAF, OTHER | ALL);
    const later = access(VA, OTHER, { value: '0x1100000' });
    expect(replay([reads, edit, page(5, 0x7000n), later])).toEqual(AGREES);
    const second = new VtdMemory('scalable').second().map(SECOND_TABLES, VA, 4, [3n, 3n, 3n, PAGE | 3n]);
    const place = SECOND_TABLES + 0x3b38n;
    expect(replay([reads, store(place, OTHER | 3n), page(5, 0x7000n), reads], second, SECOND)).toEqual(
      AGREES,
    );
    expect(replay([reads, store(place, OTHER | 3n), page(5, VA), later], second, SECOND)).toEqual(AGREES);
  });
});

describe('a departure that only caches show', () => {
  it('vtd-hit-refused-silently', () => {
    const readOnly = first(PAGE | 0x65n);
    const write = access(VA, null, { write: true });
    expect(replay([reads, write], readOnly)).toEqual({
      book: 1,
      named: ['vtd-hit-refused-silently'],
      unnamed: 0,
      qemu: 0,
    });
  });

  it('vtd-hits-by-device', () => {
    const steps = [reads, store(LEAF, 0n), store(PASIDS + 8n, 6n), contexts, pasids, reads];
    expect(replay(steps)).toEqual({ book: 1, named: ['vtd-hits-by-device'], unnamed: 0, qemu: 0 });
  });

  it('vtd-cached-context-skips-presence', () => {
    const next = VA + 0x1000n;
    const lands = access(next, OTHER, { value: '0x1100000' });
    const steps = [reads, store(PASIDS, 0x48n), pasids, store(LEAF + 8n, OTHER | ALL), lands];
    expect(replay(steps)).toEqual({
      book: 1,
      named: ['vtd-cached-context-skips-presence'],
      unnamed: 0,
      qemu: 0,
    });
  });

  it('vtd-pass-through-sticky', () => {
    const passing = new VtdMemory('scalable')
      .entry({ PGTT: Pgtt.PassThrough })
      .map(TABLES, PAGE, 4, [ALL, ALL, ALL, OTHER | ALL]);
    const through = access(PAGE, PAGE, { value: '0x1000000' });
    const ended = access(PAGE, OTHER, { value: '0x1100000' });
    const changes = [store(PASIDS + 16n, TABLES), store(PASIDS, 0x49n)];
    expect(replay([through, ...changes, through], passing)).toEqual(AGREES);
    expect(replay([through, ...changes, pasids, ended], passing)).toEqual(AGREES);
    // An entry that is changed back to the one that was seen first is taken for no change.
    const translating = first()
      .entry({ PGTT: Pgtt.First, FSPTPTR: TABLES })
      .map(TABLES, PAGE, 4, [ALL, ALL, ALL, OTHER | ALL]);
    const outlives = [store(PASIDS, 0x109n), pasids, through, store(PASIDS, 0x49n), pasids, through];
    expect(replay(outlives, translating)).toEqual({
      book: 1,
      named: ['vtd-pass-through-sticky'],
      unnamed: 0,
      qemu: 0,
    });
  });

  it('vtd-caches-as-held', () => {
    // By the specification a unit may have cached what was there for a while without being asked for it.
    const between = [store(LEAF, OTHER | ALL), store(LEAF, PAGE | ALL)];
    expect(replay([...between, access(VA, OTHER, { value: '0x1100000' })])).toEqual({ ...AGREES, qemu: 1 });
  });
});

describe('a context entry', () => {
  it('that is cached serves although it has gone, until it is invalidated', () => {
    const next = access(VA + 0x1000n, OTHER, { value: '0x1100000' });
    const memory = first().put(LEAF + 8n, [OTHER | ALL]);
    expect(replay([reads, store(CONTEXT, 0n), next], memory)).toEqual(AGREES);
    const gone = access(VA + 0x1000n, null, {
      record: ['0x1234568000', '0xc000000200000018'],
      fsts: '0x2',
      value: '0x0',
    });
    expect(replay([reads, store(CONTEXT, 0n), contexts, gone], memory)).toMatchObject({
      book: 1,
      named: ['vtd-legacy-reasons'],
      qemu: 0,
    });
  });
});
