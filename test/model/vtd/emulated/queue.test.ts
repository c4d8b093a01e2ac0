import { describe, expect, it } from 'vitest';
import { composeRules, type Rules } from '../../../../model/rules.ts';
import { vtdQemu11Deviations } from '../../../../overrides/deviations/vtd-qemu-11/index.ts';
import { encodeDescriptor } from '../../../../spec/vtd/descriptor.ts';
import { VTD_LAYOUT } from '../../../../workload/scopes/emulated-vtd-memory.ts';
import { descriptors, dma, run, store, vtdPlatform, write } from './machine.ts';

const { queue, scalableRoot, legacyRoot, status, pages, outputs, level1 } = VTD_LAYOUT;
const FIRST = vtdPlatform('scalable-first');
const INTENDED = composeRules([]);

/** With one deviation of QEMU's alone. */
const only = (...names: readonly string[]): Rules =>
  composeRules(vtdQemu11Deviations.filter(({ name }) => names.includes(name)));

const TE = 1n << 31n;
const SRTP = 1n << 30n;
const QIE = 1n << 26n;
const IQE = 1n << 4n;
const WAIT = encodeDescriptor('WAIT', { SW: 1, STATUS_DATA: 7, STATUS_ADDRESS: status });
const GLOBAL = encodeDescriptor('IOTLB', { G: 1 });
const ILLEGAL = [0xen, 0n, 0n, 0n];

const started = [write('IQA', queue | 0x800n), write('GCMD', QIE)];
const translating = [
  write('RTADDR', scalableRoot | 0x400n),
  write('GCMD', SRTP),
  write('GCMD', TE),
  write('IQA', queue | 0x800n),
  write('GCMD', TE | QIE),
];

/** What is read of the queue's registers. */
const read = (calls: Parameters<typeof run>[1], rules: Rules = INTENDED, platform = FIRST) => {
  const { registers } = run(platform, calls, rules).state;
  const { gsts, fsts, iqh, ics } = registers;
  return { on: (gsts & Number(QIE)) !== 0, error: (fsts & Number(IQE)) !== 0, iqh, ics };
};

describe('the invalidation queue of an emulated remapping unit', () => {
  it('takes descriptors of both widths up to the tail, and says how far it is', () => {
    expect(read([...started, descriptors(...WAIT, ...GLOBAL)])).toMatchObject({ error: false, iqh: 0x40n });
    const narrow = [write('IQA', queue), write('GCMD', QIE), descriptors(...WAIT.slice(0, 2))];
    expect(read(narrow)).toMatchObject({ error: false, iqh: 0x10n });
    expect(run(FIRST, narrow, INTENDED).state.memory[status.toString(16)]).toBe(7n);
  });

  it('stands at what it cannot take: unknown, reserved bits, 256 bits in a queue of 128, too many pages, no memory', () => {
    const refused = [
      ILLEGAL,
      encodeDescriptor('CONTEXT_CACHE', {}),
      [(GLOBAL[0] ?? 0n) | (1n << 63n), 0n, 0n, 0n],
      [GLOBAL[0] ?? 0n, 0n, 1n, 0n],
      encodeDescriptor('IOTLB', { G: 3, AM: 19 }),
      encodeDescriptor('PASID_IOTLB', { G: 3, AM: 19 }),
      encodeDescriptor('WAIT', { SW: 1, STATUS_ADDRESS: 1n << 40n }),
      encodeDescriptor('WAIT', { SW: 1, PD: 1, STATUS_ADDRESS: status }),
    ];
    for (const words of refused)
      expect(read([...started, descriptors(...GLOBAL, ...words, ...GLOBAL)])).toMatchObject({
        error: true,
        iqh: 0x20n,
      });
    const narrow = [write('IQA', queue), write('GCMD', QIE), descriptors(0x37n, 0n)];
    expect(read(narrow)).toMatchObject({ error: true, iqh: 0n });
    expect(read([...started, write('IQT', 0x10n)])).toMatchObject({ error: true });
    expect(read([...started, write('IQT', 0x80n * 0x20n)])).toMatchObject({ error: true });
  });

  it('runs around where the tail is before the head', () => {
    const most = [...started, ...Array.from({ length: 127 }, () => descriptors(...GLOBAL))];
    expect(read(most)).toMatchObject({ iqh: 127n * 0x20n });
    expect(read([...most, descriptors(...GLOBAL, ...GLOBAL)])).toMatchObject({ error: false, iqh: 0x20n });
  });

  it('says with IF that it is done, until that is acknowledged', () => {
    const done = [...started, descriptors(...encodeDescriptor('WAIT', { IF: 1 }))];
    expect(read(done)).toMatchObject({ ics: 1 });
    expect(read([...done, write('ICS', 0n)])).toMatchObject({ ics: 1 });
    expect(read([...done, write('ICS', 1n)])).toMatchObject({ ics: 0 });
  });

  it('invalidates: a page that changed is seen then, and not before', () => {
    const lands = (more: Parameters<typeof run>[1]) => run(FIRST, [...translating, ...more], INTENDED).out;
    const edited = [dma(0x18, pages), store(level1, (outputs + 0x3000n) | 7n)];
    expect(lands([dma(0x18, pages)])).toEqual({ address: outputs });
    expect(lands([...edited, dma(0x18, pages)])).toEqual({ address: outputs });
    expect(lands([...edited, descriptors(...GLOBAL), dma(0x18, pages)])).toEqual({
      address: outputs + 0x3000n,
    });
  });

  it('leaves the registers of invalidations to a unit without one', () => {
    const invalidate = 0x9000_0000_0000_0000n;
    const of = (calls: Parameters<typeof run>[1]) => run(FIRST, calls, INTENDED).state.registers.iotlb;
    expect(of([write('IOTLB', invalidate)])).toBe(0x1200_0000_0000_0000n);
    expect(of([...started, write('IOTLB', invalidate)])).toBe(invalidate);
  });
});

describe("a departure of QEMU's invalidation queue", () => {
  it('vtd-queue-stays-on', () => {
    const last = (...words: bigint[]) => [...started, descriptors(...words), write('GCMD', 0n)];
    const rules = only('vtd-queue-stays-on');
    expect([read(last(...GLOBAL)).on, read(last(...GLOBAL), rules).on]).toEqual([false, true]);
    expect([read(last(...WAIT)).on, read(last(...WAIT), rules).on]).toEqual([false, false]);
  });

  it('vtd-queue-waits-for-tail', () => {
    const mended = [
      ...[...started, descriptors(...ILLEGAL, ...GLOBAL)],
      ...[store(queue, ...WAIT), write('FSTS', IQE)],
    ];
    const rules = only('vtd-queue-waits-for-tail');
    expect([read(mended).iqh, read(mended, rules).iqh]).toEqual([0x40n, 0n]);
    expect(read([...mended, write('IQT', 0x40n)], rules).iqh).toBe(0x40n);
  });

  it('vtd-bare-wait-refused', () => {
    const wait = (fields: object) => [...started, descriptors(...encodeDescriptor('WAIT', fields))];
    const rules = only('vtd-bare-wait-refused');
    expect([read(wait({})).error, read(wait({}), rules).error]).toEqual([false, true]);
    expect([read(wait({ FN: 1 })).error, read(wait({ FN: 1 }), rules).error]).toEqual([false, false]);
  });

  it('vtd-page-response-taken', () => {
    const respond = (fields: object) => [
      ...started,
      descriptors(...encodeDescriptor('PAGE_GROUP_RESPONSE', fields)),
    ];
    const rules = only('vtd-page-response-taken');
    expect([read(respond({ PP: 1 })).error, read(respond({ PP: 1 }), rules).error]).toEqual([true, false]);
    expect([read(respond({})).error, read(respond({}), rules).error]).toEqual([true, true]);
    // A unit with page requests takes both.
    const { emulatedVtd } = FIRST;
    if (emulatedVtd === undefined) throw new Error('a platform with an emulated remapping unit');
    const able = { ...FIRST, emulatedVtd: { ...emulatedVtd, ecap: emulatedVtd.ecap | (1n << 29n) } };
    expect(read([...respond({ PP: 1 }), ...respond({})], INTENDED, able).error).toBe(false);
  });
});

describe("a departure of QEMU's cache of PASID table entries", () => {
  const { pasidTables } = VTD_LAYOUT;
  const [table] = pasidTables;
  const entry = FIRST.emulatedVtd?.memory[table.toString(16)] ?? 0n;
  const passing = (entry & ~0x1c0n) | 0x100n;
  // Pass-through as a switch of the device shows which invalidations have found it.
  const sticky = only('vtd-pass-through-sticky');
  const zeros = only('vtd-pass-through-sticky', 'vtd-gone-pasid-entry-is-zeros');
  const selective = (DID: number) => descriptors(...encodeDescriptor('PASID_CACHE', { G: 0, DID }));
  /** Gone when `finds` looks, back as pass-through when `again` does; then translating, which nobody has been told of. */
  const lands = (finds: readonly bigint[], again: number, rules: Rules): unknown =>
    run(
      FIRST,
      [
        ...[...translating, store(table, 0n), descriptors(...finds), store(table, passing)],
        ...[selective(again), store(table, entry), dma(0x18, pages)],
      ],
      rules,
    ).out.address;

  it.each([
    ['context entries', encodeDescriptor('CONTEXT_CACHE', { G: 1 })],
    ['all entries', encodeDescriptor('PASID_CACHE', { G: 3, DID: 2 })],
    ['domain id 0', encodeDescriptor('PASID_CACHE', { G: 0 })],
  ])('vtd-gone-pasid-entry-is-zeros: found gone by an invalidation of %s', (_, finds) => {
    expect([lands(finds, 0, sticky), lands(finds, 0, zeros)]).toEqual([outputs, pages]);
    expect([lands(finds, 1, sticky), lands(finds, 1, zeros)]).toEqual([pages, outputs]);
  });

  it('leaves nothing where the invalidation was of another domain id', () => {
    const other = encodeDescriptor('PASID_CACHE', { G: 0, DID: 3 });
    expect([lands(other, 0, zeros), lands(other, 1, zeros)]).toEqual([outputs, pages]);
  });
});

describe('tables of more levels than there are', () => {
  // The directory entry has FPD, so that with the context entry cached nothing of the PASID table entry is checked.
  const { directories, pasidTables, tops } = VTD_LAYOUT;
  const unchecked = [...translating, dma(0x18, pages), store(directories[0], pasidTables[0] | 3n)];
  const second = vtdPlatform('scalable-second');
  const seven = store(pasidTables[0], tops[0] | 0x95n);
  const five = store(pasidTables[0] + 16n, tops[0] | 4n);
  const cases = [
    ['five of a first stage', FIRST, five],
    ['seven of a second stage', second, seven],
  ] as const;

  it.each(cases)('vtd-too-many-levels-end: %s', (_, platform, entry) => {
    const calls = [...unchecked, entry, dma(0x18, pages + 0x1000n)];
    const [intended, qemu] = [INTENDED, only('vtd-too-many-levels-end')].map(
      (rules) => run(platform, calls, rules).out,
    );
    expect([intended?.ends, qemu?.ends]).toEqual([undefined, 1]);
    // An entry at the top that refuses the access refuses it.
    const closed = [...unchecked, entry, store(tops[0], 0n), dma(0x18, pages + 0x1000n)];
    expect(run(platform, closed, only('vtd-too-many-levels-end')).out.ends).toBeUndefined();
  });
});

describe('an emulated remapping unit', () => {
  it('records one fault, then says that it dropped one, unless the device is the same', () => {
    const legacy = [write('RTADDR', legacyRoot), write('GCMD', SRTP), write('GCMD', TE)];
    const unmapped = dma(0x18, pages + 0x10_0000n);
    const registers = (...more: Parameters<typeof run>[1]) =>
      run(FIRST, [...legacy, unmapped, ...more], INTENDED).state.registers;
    expect(registers()).toMatchObject({ fsts: 2, record: [pages + 0x10_0000n, 0xc000_0006_0000_0018n] });
    expect(registers(unmapped).fsts).toBe(2);
    expect(registers(dma(0x19, 0n)).fsts).toBe(3);
    expect(registers(dma(0x19, 0n), write('FRCD', 1n << 63n)).fsts).toBe(1);
    expect(registers(dma(0x19, 0n), write('FRCD', 1n << 63n), write('FSTS', 1n)).fsts).toBe(0);
  });

  it('is in legacy mode, off and empty after a reset; memory stays', () => {
    const reset = { actor: 'operator', command: 'vtdReset', args: {} } as const;
    const { state } = run(FIRST, [...translating, dma(0x18, pages), reset], INTENDED);
    expect(state.registers).toMatchObject({ gsts: 0, rtaddr: 0n, iqa: 0n });
    expect(state.vtd).toMatchObject({ enabled: false, iotlb: {}, contexts: {} });
    // The walk before it has set the accessed flag.
    expect(state.memory[level1.toString(16)]).toBe(outputs | 0x27n);
  });

  it.each(['scalable-first', 'scalable-second', 'legacy-48', 'legacy-39'])(
    '%s maps its pages at boot for every device, whatever the mode',
    (name) => {
      const platform = vtdPlatform(name);
      const roots = name.startsWith('scalable') ? [legacyRoot, scalableRoot | 0x400n] : [legacyRoot];
      for (const root of roots) {
        for (const source of platform.emulatedVtd?.sourceIds ?? []) {
          const on = [write('RTADDR', root), write('GCMD', SRTP), write('GCMD', TE)];
          expect(run(platform, [...on, dma(source, pages + 8n)], INTENDED).out).toEqual({
            address: outputs + 8n,
          });
        }
      }
    },
  );
});
