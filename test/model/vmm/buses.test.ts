import { describe, expect, it } from 'vitest';
import { vmmQemu11 } from '../../../overrides/deviations/vmm-qemu-11/index.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import { cfgiSte, Lab, ON, STE } from './lab.ts';

/** A machine with dev0 behind `port`, whose bus has number 1, and its queue and its vSMMU enabled. */
function running(overrides = vmmQemu11): Lab {
  const lab = new Lab(oneVsmmu, overrides);
  lab.do('plug', { device: 'dev0', vsid: 0x100, port: 'port' });
  enabled(lab);
  return lab;
}

/** The machine runs, with a stream table for the StreamIDs of sixteen buses. */
function enabled(lab: Lab): void {
  lab.do('boot');
  lab.do('writeRegister', { register: 'STRTAB_BASE', value: 0x4010_0000n });
  lab.do('writeRegister', { register: 'STRTAB_BASE_CFG', value: 12n });
  lab.do('writeCr0', { value: ON });
}

/** The devices whose files the VMM attached in the course of a CFGI_STE: those that its StreamID found. */
function foundBy(lab: Lab, streamId: number): readonly string[] {
  lab.do('writeSte', { vsid: streamId, words: STE.bypass });
  lab.do('issueCommands', { words: cfgiSte(streamId) });
  const fds = lab.effects.flatMap((effect) =>
    effect.kind === 'vmmCall' && effect.command.command === 'vfioAttach' ? [effect.command.args.fd] : [],
  );
  const plugged = lab.world.vms[0]?.vsmmus[0]?.devices ?? [];
  return plugged.filter(({ fd }) => fds.includes(fd)).map(({ device }) => device);
}

describe('QEMU finds a device by the bus that a number led to when it was first looked up', () => {
  it('whatever number the bus has later, and whichever device is behind its port', () => {
    const lab = running();
    expect(foundBy(lab, 0x100)).toEqual(['dev0']);
    expect(lab.do('renumber', { port: 'port', to: 0x200 })).toBe('ok');
    expect(foundBy(lab, 0x100)).toEqual(['dev0']);
    lab.do('unplug', { device: 'dev0' });
    expect(foundBy(lab, 0x100)).toEqual([]);
    expect(lab.do('plug', { device: 'dev1', vsid: 0x200, port: 'port' })).toBe('ok');
    expect(foundBy(lab, 0x100)).toEqual(['dev1']);
    expect(foundBy(lab, 0x200)).toEqual(['dev1']);
  });

  it('until the machine is reset', () => {
    const lab = running();
    foundBy(lab, 0x100);
    lab.do('renumber', { port: 'port', to: 0x200 });
    lab.do('reset');
    lab.do('writeCr0', { value: ON });
    expect(foundBy(lab, 0x100)).toEqual([]);
    expect(foundBy(lab, 0x200)).toEqual(['dev0']);
  });

  it('also while nothing is behind its port, which the guest can number', () => {
    const lab = running();
    lab.do('unplug', { device: 'dev0' });
    expect(lab.do('renumber', { port: 'port', to: 0x300 })).toBe('ok');
    expect(foundBy(lab, 0x300)).toEqual([]);
    lab.do('plug', { device: 'dev1', vsid: 0x500, port: 'port' });
    expect(foundBy(lab, 0x300)).toEqual(['dev1']);
  });

  it('and no other VMM does', () => {
    const lab = running([]);
    expect(foundBy(lab, 0x100)).toEqual(['dev0']);
    lab.do('renumber', { port: 'port', to: 0x200 });
    expect(foundBy(lab, 0x100)).toEqual([]);
    expect(foundBy(lab, 0x200)).toEqual(['dev0']);
  });

  it('but a device behind no named port takes its numbers with it', () => {
    const lab = new Lab(oneVsmmu, vmmQemu11);
    lab.do('plug', { device: 'dev0', vsid: 0x100 });
    enabled(lab);
    expect(foundBy(lab, 0x100)).toEqual(['dev0']);
    lab.do('unplug', { device: 'dev0' });
    lab.do('plug', { device: 'dev1', vsid: 0x200 });
    expect(foundBy(lab, 0x100)).toEqual([]);
  });
});

describe('devices on buses that have no number yet', () => {
  const both = (overrides: typeof vmmQemu11, first: string, second: string): string => {
    const lab = new Lab(oneVsmmu, overrides);
    expect(lab.do('plug', { device: 'dev0', port: first })).toBe('ok');
    return lab.do('plug', { device: 'dev1', port: second });
  };

  it('have one StreamID, which QEMU does not mind, for it tells the kernel of none', () => {
    expect(both(vmmQemu11, 'a', 'b')).toBe('ok');
  });

  it('cannot be told to the kernel at plug', () => {
    expect(both([], 'a', 'b')).toBe('EEXIST');
  });

  it('have each a place on its bus of its own', () => {
    expect(both(vmmQemu11, 'a', 'a')).toBe('EEXIST');
  });

  it('no port that nobody named can be numbered', () => {
    expect(running().do('renumber', { port: 'other', to: 0x200 })).toBe('ENODEV');
  });
});
