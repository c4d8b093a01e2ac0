import { describe, expect, it } from 'vitest';
import type { Override } from '../../../model/rules.ts';
import { NO_PASID_ENTRY } from '../../../model/vtd/driver/entries.ts';
import { updatePasidEntry } from '../../../model/vtd/driver/entry-update.ts';
import { alignedMask } from '../../../model/vtd/driver/mask.ts';
import { isPresent, translationOf } from '../../../model/vtd/driver/translation.ts';
import type { Words } from '../../../model/world/command.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { encode } from '../../../spec/bits.ts';
import { decodeDescriptor, encodeDescriptor } from '../../../spec/vtd/descriptor.ts';
import { Pgtt, pasidEntry } from '../../../spec/vtd/entries.ts';
import { gpaOf, ramOf, VtdLab } from './lab.ts';

/** dev0 on a guest's table without PASID and on another with PASID 1. */
function nestedLab(): VtdLab {
  const lab = new VtdLab();
  lab.nested('rid', 1);
  lab.nested('one', 2);
  lab.attach('rid');
  lab.attach('one', 1);
  lab.pte(1, 1, 3);
  lab.pte(2, 1, 4);
  return lab;
}

describe('DMA through a VT-d unit', () => {
  it('of a device on nothing is a fault of its PASID table', () => {
    expect(new VtdLab().dma(1)).toEqual(['PasidEntryNotPresent']);
  });

  it('goes by the table of its PASID, and without one by that of RID_PASID', () => {
    const lab = nestedLab();
    expect(lab.dma(1)).toEqual([ramOf(3)]);
    expect(lab.dma(1, 1)).toEqual([ramOf(4)]);
    expect(lab.dma(1, 2)).toEqual(['PasidEntryNotPresent']);
  });

  it('goes through a second stage, or a first one of the host, alone', () => {
    const lab = new VtdLab();
    lab.alloc('first', 8);
    lab.attach('parent');
    lab.attach('first', 1);
    expect(lab.dma(0x43)).toEqual([ramOf(3)]);
    expect(lab.attach('first')).toBe('ok');
    expect(lab.dma(0x43)).toEqual([ramOf(3)]);
    expect(lab.dma(1)).toEqual(['FirstStageEntryNotPresent']);
  });

  it('in legacy mode has no PASIDs', () => {
    const lab = new VtdLab();
    expect(lab.dma(0x43, null, {}, 'dev2')).toEqual(['ContextNotPresent']);
    lab.attach('parent', null, 2);
    expect(lab.dma(0x43, null, {}, 'dev2')).toEqual([ramOf(3)]);
    expect(lab.dma(0x43, 1, {}, 'dev2')).toEqual(['PasidInLegacyMode']);
  });

  it('by the device TLB goes where the device was told', () => {
    expect(nestedLab().dma(1, null, { translated: true })).toEqual([ramOf(3)]);
  });

  it('may use what a guest has replaced until it has invalidated it', () => {
    const lab = nestedLab();
    lab.pte(1, 1, 0);
    expect(lab.dma(1)).toEqual([ramOf(3), ramOf(0)]);
    lab.flush('one', [0x1000n, 1n, 0n]);
    expect(lab.dma(1)).toEqual([ramOf(3), ramOf(0)]);
    lab.flush('rid', [0x1000n, 1n, 0n]);
    expect(lab.dma(1)).toEqual([ramOf(0)]);
    expect(lab.dma(1, null, { translated: true })).toEqual([ramOf(0)]);
  });

  it('ends with an unmap of the nesting parent, a detach and a replace', () => {
    const unmapped = nestedLab();
    unmapped.unmap(0, 5);
    expect(unmapped.dma(1)).toEqual(['SecondStageEntryNotPresent']);
    expect(unmapped.dma(1, null, { translated: true })).toEqual([]);
    const detached = nestedLab();
    detached.detach(1);
    expect(detached.dma(1, 1)).toEqual(['PasidEntryNotPresent']);
    expect(detached.dma(1)).toEqual([ramOf(3)]);
    const replaced = nestedLab();
    replaced.attach('one');
    expect(replaced.dma(1)).toEqual([ramOf(4)]);
    expect(replaced.world.vtd?.stale).toEqual([]);
  });
});

describe('a device that the host scans again', () => {
  it('is held by whoever has opened it', () => {
    expect(new VtdLab().do('device:dev0', 'rescan')).toBe('EBUSY');
  });

  it('has another PASID table then', () => {
    const lab = new VtdLab();
    lab.vmm('close', { fd: 'cdev0' });
    expect(lab.do('device:dev0', 'rescan')).toBe('ok');
    expect(lab.world.vtd?.driver.devices[0]?.table).toBe(1);
    expect(lab.world.vtd?.stale).toEqual([]);
  });

  it('is on a domain of the kernel, before and after', () => {
    const lab = new VtdLab();
    const entryOf = () => lab.world.vtd?.driver.devices[0]?.entries[0];
    expect(entryOf()).toBeUndefined();
    lab.vmm('close', { fd: 'cdev0' });
    const own = translationOf(entryOf() as Words);
    expect(own.kind).toBe('first');
    expect(lab.dma(1)).toEqual(['FirstStageEntryNotPresent']);
    lab.do('device:dev0', 'rescan');
    const again = translationOf(entryOf() as Words);
    expect(again.kind).toBe('first');
    expect(again).not.toEqual(own);
  });

  it('leaves the old entry in the PASID cache where only its context entry is flushed', () => {
    const defect = OVERRIDES.find(({ name }) => name === 'vtd-context-change-keeps-pasid-cache') as Override;
    const lab = new VtdLab(defect);
    lab.vmm('close', { fd: 'cdev0' });
    lab.do('device:dev0', 'rescan');
    expect(lab.world.vtd?.stale.map(({ cache }) => cache)).toEqual(['pasid']);
  });
});

describe('a PASID table entry', () => {
  const entry = (fields: object) => encode(pasidEntry, { P: 1, ...fields });

  it('is not present while anything else of it changes', () => {
    const from = entry({ PGTT: Pgtt.Nested, DID: 3, SSPTPTR: 0x1000n, FSPTPTR: 0x2000n });
    const to = entry({ PGTT: Pgtt.Second, DID: 4, SSPTPTR: 0x3000n });
    for (const [a, b] of [
      [from, to],
      [from, NO_PASID_ENTRY],
      [NO_PASID_ENTRY, to],
    ] as const) {
      const values = updatePasidEntry(a, b);
      expect(values.at(-1)).toEqual(b);
      expect(values.slice(0, -1).filter(isPresent)).toEqual([]);
    }
  });

  it.each([
    [{ PGTT: Pgtt.First, DID: 2, FSPTPTR: 0x5000n }, 'first'],
    [{ PGTT: Pgtt.Second, DID: 2, SSPTPTR: 0x5000n }, 'second'],
    [{ PGTT: Pgtt.Nested, DID: 2, SSPTPTR: 0x5000n, FSPTPTR: gpaOf(1) }, 'nested'],
    [{ PGTT: Pgtt.PassThrough }, 'passThrough'],
    [{ PGTT: 0 }, 'invalid'],
  ])('%o is %s', (fields, kind) => {
    expect(translationOf(entry(fields)).kind).toBe(kind);
  });
});

describe('a flush', () => {
  it.each<[bigint, bigint, number]>([
    [0n, 1n, 0],
    [0n, 2n, 1],
    [1n, 2n, 2],
    [2n, 2n, 1],
    [3n, 2n, 3],
    [7n, 9n, 4],
  ])('from page %i on of %i pages needs a mask of %i bits', (first, pages, mask) => {
    expect(alignedMask(first, pages)).toBe(mask);
  });

  it('whose descriptor has a reserved bit set is an error', () => {
    const words = encodeDescriptor('PASID_IOTLB', { G: 3, DID: 2, PASID: 1, AM: 1, ADDR: 0x1000n });
    expect(decodeDescriptor(words)?.fields).toMatchObject({ DID: 2, PASID: 1, AM: 1, ADDR: 0x1000n });
    expect(decodeDescriptor(words.map((word, at) => (at === 1 ? word | 0x200n : word)))).toBeNull();
  });
});
