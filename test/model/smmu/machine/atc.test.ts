import { describe, expect, it } from 'vitest';
import { SMMU_DEFECTS } from '../../../../overrides/defects/smmu.ts';
import { decodeCommand } from '../../../../spec/smmuv3/command.ts';
import { Eats, S1Dss } from '../../../../spec/smmuv3/ste.ts';
import { at, Lab, ramOf } from './lab.ts';

/** VA page 1 leads to RAM page 3, under ASID 1, and the device may use ATS. */
function translating(lab = new Lab()): Lab {
  lab.vsmmu();
  lab.pte(1, 1, 3);
  lab.cd(1);
  lab.attach({ EATS: Eats.Translated });
  return lab;
}

const TRANSLATED = { translated: true };

describe('a translated request', () => {
  it('goes where the device was told', () => {
    expect(translating().dma(1, TRANSLATED)).toEqual([at(ramOf(3))]);
  });

  it('cannot be where the ATC can hold nothing', () => {
    expect(translating().dma(2, TRANSLATED)).toEqual([]);
    const lab = translating();
    lab.attach({ EATS: Eats.Abort });
    expect(lab.dma(1, TRANSLATED)).toEqual([]);
  });

  it('is stopped where STE.EATS is off and the ATC was not emptied', () => {
    const lab = translating(new Lab(SMMU_DEFECTS['detach-keeps-atc']));
    lab.attach({ EATS: Eats.Abort });
    expect(lab.dma(1, TRANSLATED)).toEqual(['F_TRANSL_FORBIDDEN']);
  });

  it('does what it was told before, until the guest has invalidated TLB and ATC in this order', () => {
    const lab = translating();
    lab.pte(1, 1, 4);
    lab.issue('ATC_INV', { StreamID: 0x20, Size: 52 });
    lab.issue('TLBI_NH_ALL');
    expect(lab.dma(1, TRANSLATED)).toEqual([at(ramOf(3)), at(ramOf(4))]);
    lab.issue('ATC_INV', { StreamID: 0x20, Size: 0, Address: 0x1000n });
    expect(lab.dma(1, TRANSLATED)).toEqual([at(ramOf(4))]);
  });

  it.each([
    ['of another page', { Size: 0, Address: 0x2000n }],
    ['of another SubstreamID', { SSV: 1, SubstreamID: 1, Size: 52 }],
  ])('does what it was told before after ATC_INV %s', (_what, fields) => {
    const lab = translating();
    lab.pte(1, 1, 4);
    lab.issue('TLBI_NH_ALL');
    lab.issue('ATC_INV', { StreamID: 0x20, ...fields });
    expect(lab.dma(1, TRANSLATED)).toEqual([at(ramOf(3)), at(ramOf(4))]);
  });
});

describe('memory that an IOAS no longer maps', () => {
  it('is out of the ATC when IOAS_UNMAP returns', () => {
    const lab = translating();
    lab.unmapRam();
    expect(lab.dma(1, TRANSLATED)).toEqual([]);
  });

  it('may be in it again where the ATC was emptied before the TLB', () => {
    const lab = translating(new Lab(SMMU_DEFECTS['atc-before-tlb']));
    lab.unmapRam();
    expect(lab.dma(1, TRANSLATED)).toEqual([at(ramOf(3))]);
  });

  it('is out of it after a detach', () => {
    const lab = translating();
    lab.vmm('vfioDetach', { fd: 'cdev' });
    expect(lab.world.machine?.stale).toEqual([]);
  });
});

describe('translations for a SubstreamID', () => {
  const withSubstream = (): Lab => {
    const lab = translating();
    lab.cd(1, { slot: 1 });
    lab.attach({ S1CDMax: 1, S1DSS: S1Dss.Bypass, EATS: Eats.Translated });
    lab.pte(1, 1, 4);
    lab.issue('TLBI_NH_ALL');
    return lab;
  };
  const asked = { translated: true, ssv: true, ssid: 1 };

  it.each([
    ['of it', { SSV: 1, SubstreamID: 1 }, [at(ramOf(4))]],
    ['of another', { SSV: 1, SubstreamID: 2 }, [at(ramOf(3)), at(ramOf(4))]],
    ['of all', { SSV: 1, SubstreamID: 2, Global: 1 }, [at(ramOf(4))]],
    ['without one', {}, [at(ramOf(4))]],
  ])('after ATC_INV %s', (_what, fields, outcomes) => {
    const lab = withSubstream();
    lab.issue('ATC_INV', { StreamID: 0x20, Size: 52, ...fields });
    expect(lab.dma(1, asked)).toEqual(outcomes);
  });
});

describe("a device on a domain of the host's", () => {
  const onHost = (flags: number): Lab => {
    const lab = new Lab().vsmmu();
    lab.vmm('hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas', flags }, 'host');
    lab.vmm('vfioAttach', { fd: 'cdev', ptId: 'host' });
    return lab;
  };

  it.each([
    ['stage 1', 0],
    ['stage 2', 1],
  ])('of %s reaches what is mapped, and nothing else may become of it', (_stage, flags) => {
    const lab = onHost(flags);
    expect(lab.dma(0x43)).toEqual([at(ramOf(3))]);
    expect(lab.dma(0x43, TRANSLATED)).toEqual([at(ramOf(3))]);
  });

  it('is told to forget the range that was unmapped, and no more', () => {
    const lab = onHost(0);
    lab.unmapRam();
    const sent = (lab.last?.effects ?? []).flatMap((effect) =>
      effect.kind === 'smmuCommands' ? effect.commands : [],
    );
    const forgotten = sent.map(decodeCommand).filter((command) => command?.name === 'ATC_INV');
    expect(forgotten.map((command) => command?.fields)).toMatchObject([{ Size: 3 }]);
  });
});
