import { describe, expect, it } from 'vitest';
import { usableBy } from '../../../../model/smmu/machine/reach.ts';
import { type Stream, streamsOf } from '../../../../model/smmu/machine/streams.ts';
import { viewOf } from '../../../../model/smmu/machine/view-of.ts';
import { SMMU_DEFECTS } from '../../../../overrides/defects/smmu.ts';
import { LINUX_7_2 } from '../../../../overrides/deviations/linux-7.2.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { S1Dss } from '../../../../spec/smmuv3/ste.ts';
import { at, ipaOf, Lab, ramOf } from './lab.ts';

/** VA page 1 leads to RAM page 3, under ASID 1. */
function translating(lab = new Lab()): Lab {
  lab.vsmmu();
  lab.pte(1, 1, 3);
  lab.cd(1);
  lab.attach();
  return lab;
}

describe('a nested translation', () => {
  it('goes through both stages', () => {
    expect(translating().dma(1)).toEqual([at(ramOf(3))]);
  });

  it.each([
    ['an unmapped VA', (lab: Lab) => lab.dma(2), ['F_TRANSLATION']],
    ['a VA beyond the tables', (lab: Lab) => lab.dma(1 << 14), ['F_TRANSLATION']],
    [
      'an IPA that is not mapped',
      (lab: Lab) => {
        lab.pte(1, 2, 9);
        return lab.dma(2);
      },
      ['F_TRANSLATION of stage 2'],
    ],
    [
      'an IPA that no table can map',
      (lab: Lab) => {
        lab.pte(1, 2, 0, { ipa: 1n << 44n });
        return lab.dma(2);
      },
      ['F_ADDR_SIZE'],
    ],
    [
      'a write to a read-only page',
      (lab: Lab) => {
        lab.pte(1, 2, 3, { readOnly: true });
        return lab.dma(2, { write: true });
      },
      ['F_PERMISSION'],
    ],
    [
      'a SubstreamID where there are none',
      (lab: Lab) => lab.dma(1, { ssv: true, ssid: 1 }),
      ['C_BAD_SUBSTREAMID'],
    ],
  ])('of %s ends in an event', (_what, act, events) => {
    expect(act(translating())).toEqual(events);
  });

  it.each([
    ['a CD that is not valid', { S1ContextPtr: ipaOf(4) }, ['C_BAD_CD']],
    ['a CD that stage 2 does not map', { S1ContextPtr: ipaOf(9) }, ['F_TRANSLATION of stage 2']],
    ['a CD behind the MSI doorbell page', { S1ContextPtr: 0x800_0000n }, ['F_TRANSLATION of stage 2']],
    ['more CDs than the pSMMU has', { S1CDMax: 5 }, ['C_BAD_STE']],
    [
      'traffic without a SubstreamID that S1DSS ends',
      { S1CDMax: 1, S1DSS: S1Dss.Terminate },
      ['F_STREAM_DISABLED'],
    ],
  ] as const)('with %s ends in an event', (_what, fields, events) => {
    const lab = translating();
    lab.attach(fields);
    expect(lab.dma(1)).toEqual(events);
  });

  it('bypasses stage 1 alone where S1DSS says so', () => {
    const lab = translating();
    lab.attach({ S1CDMax: 1, S1DSS: S1Dss.Bypass });
    expect(lab.dma(0x43)).toEqual([at(ramOf(3))]);
  });

  it('keeps faults to itself where CD.R is 0', () => {
    const lab = translating();
    lab.cd(1, { silent: true });
    lab.issue('CFGI_CD_ALL', { StreamID: 0x20 });
    expect(lab.dma(2)).toEqual(['abort']);
  });
});

describe('what a stream may use', () => {
  const usable = (lab: Lab) => {
    const stream = streamsOf(lab.world.platform)[0] as Stream;
    return usableBy(lab.world, viewOf(lab.world), stream).map(({ first, out }) => [first, out]);
  };
  const page = (address: bigint): number => Number(address >> 12n);

  it('is what its CDs lead to, and what stage 2 maps only where stage 1 is bypassed', () => {
    const lab = translating();
    const nested = [1, page(ramOf(3))];
    const ram = [page(ipaOf(0)), page(ramOf(0))];
    expect(usable(lab)).toEqual([nested]);
    lab.attach({ S1CDMax: 1, S1DSS: S1Dss.Bypass });
    expect(usable(lab)).toEqual([nested, ram]);
  });
});

describe('a changed page descriptor', () => {
  const changed = (args = {}): Lab => {
    const lab = translating();
    lab.pte(1, 1, 3, args);
    lab.issue('TLBI_NH_ALL');
    lab.pte(1, 1, 4, args);
    return lab;
  };
  const VA = { Address: 0x1000n, Leaf: 1 } as const;

  it('may or may not be seen before it is invalidated', () => {
    expect(changed().dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });

  it.each([
    ['TLBI_NH_VA of its ASID and address', encodeCommand('TLBI_NH_VA', { ASID: 1, ...VA })],
    [
      'TLBI_NH_VA of a range around it',
      encodeCommand('TLBI_NH_VA', { ASID: 1, TG: 1, TTL: 3, NUM: 1, Address: 0n }),
    ],
    ['TLBI_NH_VAA of its address', encodeCommand('TLBI_NH_VAA', VA)],
    ['TLBI_NH_ASID of its ASID', encodeCommand('TLBI_NH_ASID', { ASID: 1 })],
    ['TLBI_NH_ALL', encodeCommand('TLBI_NH_ALL')],
    ['TLBI_NSNH_ALL', encodeCommand('TLBI_NSNH_ALL')],
    ['TLBI_NH_VA that names a VMID of its own', encodeCommand('TLBI_NH_VA', { VMID: 77, ASID: 1, ...VA })],
  ])('is seen after %s', (_what, command) => {
    const lab = changed();
    lab.invalidate([command]);
    expect(lab.dma(1)).toEqual([at(ramOf(4))]);
    expect(lab.world.machine?.stale).toEqual([]);
  });

  it.each([
    ['TLBI_NH_VA of another ASID', encodeCommand('TLBI_NH_VA', { ASID: 2, ...VA })],
    ['TLBI_NH_VA of another address', encodeCommand('TLBI_NH_VA', { ASID: 1, Address: 0x2000n })],
    [
      'TLBI_NH_VA of a range beside it',
      encodeCommand('TLBI_NH_VA', { ASID: 1, TG: 1, NUM: 1, TTL: 3, Address: 0x2000n }),
    ],
    ['a range that is illegal', encodeCommand('TLBI_NH_VA', { ASID: 1, TG: 1, Address: 0x1000n })],
    ['TLBI_NH_ASID of another ASID', encodeCommand('TLBI_NH_ASID', { ASID: 2 })],
    ['CFGI_CD of its CD', encodeCommand('CFGI_CD', { StreamID: 0x20, Leaf: 1 })],
    ['CFGI_CD_ALL', encodeCommand('CFGI_CD_ALL', { StreamID: 0x20 })],
    ['ATC_INV of everything', encodeCommand('ATC_INV', { StreamID: 0x20, Size: 52 })],
  ])('may still not be seen after %s', (_what, command) => {
    const lab = changed();
    lab.invalidate([command]);
    expect(lab.dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });

  it('that is global is not covered by its ASID, but by its address under any', () => {
    const lab = changed({ global: true });
    lab.issue('TLBI_NH_ASID', { ASID: 1 });
    expect(lab.dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
    lab.issue('TLBI_NH_VA', { ASID: 9, ...VA });
    expect(lab.dma(1)).toEqual([at(ramOf(4))]);
  });

  it('may still not be seen where the command reached the pSMMU without its VMID', () => {
    const lab = translating(new Lab(SMMU_DEFECTS['tlbi-without-vmid']));
    lab.pte(1, 1, 4);
    lab.issue('TLBI_NH_VA', { ASID: 1, ...VA });
    expect(lab.dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });
});

describe('a changed CD', () => {
  const changed = (): Lab => {
    const lab = translating();
    lab.pte(2, 1, 4);
    lab.cd(2, { asid: 2 });
    return lab;
  };

  it('may or may not be seen before it is invalidated', () => {
    expect(changed().dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });

  it('is not seen for certain after TLB invalidations alone', () => {
    const lab = changed();
    lab.issue('TLBI_NH_ALL');
    expect(lab.dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });

  it('is seen after CFGI_CD; translations under the old ASID are of no use to anyone', () => {
    const lab = changed();
    lab.issue('CFGI_CD', { StreamID: 0x20 });
    expect(lab.dma(1)).toEqual([at(ramOf(4))]);
    expect(lab.world.machine?.stale.map(({ cache }) => cache)).toEqual(['tlb', 'tlb']);
  });

  it('under the same ASID takes CFGI_CD and then TLBI, not both under one SYNC', () => {
    const same = translating();
    same.pte(2, 1, 4);
    same.cd(2);
    const [cfgi, tlbi] = [encodeCommand('CFGI_CD', { StreamID: 0x20 }), encodeCommand('TLBI_NH_ALL')];
    same.invalidate([cfgi, tlbi]);
    expect(same.dma(1)).toEqual([at(ramOf(3)), at(ramOf(4))]);
    same.invalidate([tlbi]);
    expect(same.dma(1)).toEqual([at(ramOf(4))]);
  });
});

describe('the memory of an IOAS that was unmapped', () => {
  it('is out of reach when IOAS_UNMAP returns, whatever was cached', () => {
    const lab = translating();
    lab.dma(1);
    lab.unmapRam();
    // The fetch of the CD fails, or that of the table where the CD is cached.
    expect(new Set(lab.dma(1))).toEqual(new Set(['F_TRANSLATION of stage 2']));
  });

  it('may be reached where nested translations are not flushed', () => {
    const lab = translating(new Lab(SMMU_DEFECTS['s2-unmap-keeps-nested']));
    lab.unmapRam();
    expect(lab.dma(1)).toContain(at(ramOf(3)));
  });

  it('is replaced by what is mapped there next, with no trace of the old', () => {
    const lab = translating();
    lab.unmapRam();
    lab.mapRam(0, 3n);
    lab.mapRam(3, 1n, '', 'vm0', 4);
    expect(lab.dma(1)).toEqual([at(ramOf(4))]);
  });
});

describe('two vSMMUs over one nesting parent', () => {
  /** Both guests' contexts have ASID 1; the first one maps VA page 1 to RAM page 3, the second one to page 4. */
  const two = (lab: Lab): Lab => {
    translating(lab);
    lab.bind('dev1', 'cdev1', 'dev1');
    lab.viommu('dev1', 'viommu1');
    lab.pte(2, 1, 4);
    lab.cd(2, { slot: 1 });
    lab.attachAs('dev1', 'cdev1', { S1ContextPtr: ipaOf(0) + 64n }, '', 'vm0', 'viommu1');
    return lab;
  };

  it('do not meet in the TLB', () => {
    expect(two(new Lab()).dma(1, {}, 'dev1')).toEqual([at(ramOf(4))]);
  });

  it('meet there where they share a VMID: a device reaches the page of the other', () => {
    expect(two(new Lab(LINUX_7_2['vsmmus-share-vmid'])).dma(1, {}, 'dev1')).toEqual([
      at(ramOf(3)),
      at(ramOf(4)),
    ]);
  });
});

describe('an event', () => {
  it('is recorded only where nothing else can happen', () => {
    const lab = translating();
    lab.dma(2);
    expect(lab.last?.effects.map(({ kind }) => kind)).toEqual(['hostEvent']);
    lab.pte(1, 1, 3, { valid: false });
    expect(lab.dma(1)).toEqual([at(ramOf(3)), 'F_TRANSLATION']);
    expect(lab.last?.effects).toEqual([]);
  });
});
