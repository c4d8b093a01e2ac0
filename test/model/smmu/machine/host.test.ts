import { describe, expect, it } from 'vitest';
import { LINUX_7_2 } from '../../../../overrides/deviations/linux-7.2.ts';
import { SMMU_QEMU_11 } from '../../../../overrides/deviations/smmu-qemu-11.ts';
import { DEVICES_MUTANTS } from '../../../../overrides/mutants/devices.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { S1Dss } from '../../../../spec/smmuv3/ste.ts';
import { at, Lab, ramOf } from './lab.ts';

const host = (lab: Lab, command: Parameters<Lab['do']>[1], args = {}) => lab.do('host', command, args);

describe('a call that the host interrupts', () => {
  it('has returned its answer, and done nothing to the pSMMU yet', () => {
    const lab = new Lab().vsmmu();
    host(lab, 'hostInterrupt');
    lab.attach();
    expect(lab.last?.result.ok).toBe(true);
    expect(lab.world.machine?.work?.left).toHaveLength(4);
    expect(lab.dma(1)).toEqual(['abort']);
  });

  it('goes on piece by piece, with DMA between any two of them', () => {
    const lab = new Lab().vsmmu();
    lab.cd(1);
    lab.pte(1, 1, 3);
    host(lab, 'hostInterrupt');
    lab.attach();
    const seen: string[] = [];
    for (let piece = 1; piece <= 4; piece++) {
      expect(host(lab, 'hostProceed')).toEqual({ piece, of: 4 });
      seen.push(lab.dma(1).join(' or '));
    }
    // Fields that an aborting entry ignores, CFGI_STE, the doubleword that matters, CFGI_STE.
    expect(seen).toEqual(['abort', 'abort', `${at(ramOf(3))} or abort`, at(ramOf(3))]);
    expect(host(lab, 'hostProceed')).toEqual({});
    expect(lab.last?.result).toMatchObject({ ok: false, errno: 'ENODEV' });
  });

  it('is not waited for by what needs no driver', () => {
    const lab = new Lab().vsmmu();
    host(lab, 'hostInterrupt');
    lab.attach();
    lab.pte(1, 1, 3);
    lab.cd(1);
    expect(lab.world.machine?.work?.left).toHaveLength(4);
  });

  it('comes to the same end as one that is not', () => {
    const end = (interrupted: boolean) => {
      const lab = new Lab().vsmmu();
      lab.cd(1);
      lab.pte(1, 1, 3);
      lab.attach();
      lab.dma(1);
      if (interrupted) host(lab, 'hostInterrupt');
      lab.attach({ S1CDMax: 1, S1DSS: S1Dss.Bypass });
      while (lab.world.machine?.work != null) host(lab, 'hostProceed');
      return lab.world.machine;
    };
    expect(end(true)).toEqual(end(false));
  });

  it('is waited for by the next call that needs the driver', () => {
    const lab = new Lab().vsmmu();
    host(lab, 'hostInterrupt');
    lab.attach();
    lab.issue('TLBI_NH_ALL');
    expect(lab.world.machine?.work).toBeNull();
  });

  it('leaves mappings reachable until their invalidations have completed', () => {
    const lab = new Lab().vsmmu();
    lab.cd(1);
    lab.pte(1, 1, 3);
    lab.attach();
    host(lab, 'hostInterrupt');
    lab.unmapRam();
    expect(lab.dma(1)).toContain(at(ramOf(3)));
    // TLBI_S2_IPA leaves what embeds stage 2; TLBI_NH_ALL takes it.
    host(lab, 'hostProceed');
    expect(lab.dma(1)).toContain(at(ramOf(3)));
    host(lab, 'hostProceed');
    expect(lab.dma(1)).not.toContain(at(ramOf(3)));
  });
});

describe('a pSMMU that the host switches off', () => {
  const bypassing = (lab: Lab): Lab => {
    lab.vsmmu();
    lab.attach();
    host(lab, 'hostDisable');
    return lab;
  };

  it('aborts everything in silence', () => {
    expect(bypassing(new Lab()).dma(1)).toEqual(['abort']);
  });

  it('passes everything on where GBPA was left alone', () => {
    expect(bypassing(new Lab(DEVICES_MUTANTS['disable-leaves-bypass'])).dma(0x4_0003)).toEqual([
      at(0x4000_3000n),
    ]);
  });

  it('translates again after a reset, with nothing cached before', () => {
    const lab = new Lab().vsmmu();
    lab.cd(1);
    lab.pte(1, 1, 3);
    lab.attach();
    lab.dma(1);
    lab.pte(1, 1, 4);
    expect(lab.dma(1)).toHaveLength(2);
    host(lab, 'hostReset');
    expect(lab.dma(1)).toEqual([at(ramOf(4))]);
  });
});

describe('an event queue that nobody reads', () => {
  const fill = (lab: Lab): Lab => {
    lab.vsmmu();
    lab.attach();
    host(lab, 'hostDelayEvents');
    for (let n = 0; n < 3; n++) lab.dma(1);
    return lab;
  };

  it('keeps two records, and says that more were lost until it is read', () => {
    const lab = fill(new Lab());
    expect(lab.world.machine?.eventQueues[0]).toMatchObject({ overflowed: true });
    expect(host(lab, 'hostReadEvents')).toEqual({ records: 2, overflowed: 1 });
    expect(host(lab, 'hostReadEvents')).toEqual({ records: 0, overflowed: 0 });
  });

  it('says nothing of it in QEMU, which raises GERROR', () => {
    const lab = fill(new Lab(SMMU_QEMU_11['full-event-queue-is-gerror'] as never));
    expect(host(lab, 'hostReadEvents')).toEqual({ records: 2, overflowed: 0 });
  });
});

describe('a guest command with a bit that the pSMMU does not take', () => {
  const SSEC = 1n << 10n;
  const [first, second] = encodeCommand('TLBI_NH_ALL');
  const staleAfter = (lab: Lab) => {
    lab.vsmmu();
    lab.cd(1);
    lab.pte(1, 1, 3);
    lab.attach();
    lab.pte(1, 1, 4);
    const out = lab.invalidate([[first | SSEC, second]]);
    return { handled: out.entryNum, outcomes: lab.dma(1).length };
  };

  it('is refused', () => {
    expect(staleAfter(new Lab())).toEqual({ handled: 0, outcomes: 2 });
  });

  it('is lost, and reported as handled, where it reaches the queue', () => {
    expect(staleAfter(new Lab(LINUX_7_2['reserved-command-bits-passed']))).toEqual({
      handled: 1,
      outcomes: 2,
    });
  });
});
