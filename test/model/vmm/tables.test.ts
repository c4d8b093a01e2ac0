import { describe, expect, it } from 'vitest';
import { resolveDesign } from '../../../overrides/index.ts';
import { deviceSeesWhatGuestAsked } from '../../../properties/vmm/device-sees-what-guest-asked.ts';
import { mixedHost } from '../../../workload/scopes/mixed-host.ts';
import { Lab, ON, STE } from './lab.ts';

describe('an entry of the stream table', () => {
  it('may still be cached where an event was written over it', () => {
    const lab = new Lab();
    lab.do('plug', { device: 'dev0' });
    lab.do('boot');
    lab.do('writeSte', { words: STE.bypass });
    // The event queue lies where the stream table lies.
    lab.do('writeRegister', { register: 'EVENTQ_BASE', value: 0x4000_0000n });
    lab.do('writeCr0', { value: ON });
    lab.do('smmuEvent', { words: [4n] }, 'device:dev0');
    expect(lab.do('serveEvents', { vm: 'vm0' }, 'operator')).toBe('ok');
    const [device] = lab.world.vms[0]?.vsmmus[0]?.devices ?? [];
    expect(device?.held.old).toHaveLength(1);
    expect(deviceSeesWhatGuestAsked.violated(lab.world)).toBeNull();
  });

  it('is read by the ID registers that stand after a migration', () => {
    const design = resolveDesign(['vsmmu=driver-backdoor']);
    if ('error' in design) throw new Error(design.error);
    const lab = new Lab(mixedHost, design.overrides);
    lab.do('boot');
    lab.do('writeCr0', { value: 1 });
    // S1CDMax is 4: IGNORED by the registers that a vSMMU has before any are decided.
    lab.do('writeSte', { words: [0x2000_0000_0000_000bn] });
    expect(lab.do('migrate', { host: 1, device: 'dev5' })).toBe('ok');
    expect(deviceSeesWhatGuestAsked.violated(lab.world)).toBeNull();
    expect(deviceSeesWhatGuestAsked.witness(lab.world)).toBe(true);
  });
});
