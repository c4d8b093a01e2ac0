import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { World } from '../../../model/world/world.ts';
import { HWPT_ALLOC } from '../../../spec/iommufd/constants.ts';
import { VFIO_DEVICE } from '../../../spec/vfio/constants.ts';
import { pasids } from '../../../workload/scopes/pasids.ts';

type Args = Parameters<typeof resolveCall>[0]['args'];

/** What each of these calls answers, one after the other. */
class Calls {
  #world: World = bootWorld(pasids.platform);

  do(actor: string, command: Parameters<typeof resolveCall>[0]['command'], args: Args = {}): string {
    const { world, result } = step(this.#world, resolveCall({ actor, command, args }, {}), intended);
    this.#world = world;
    return result.ok ? 'ok' : result.errno;
  }

  vmm(command: Parameters<typeof resolveCall>[0]['command'], args: Args = {}): string {
    return this.do('vmm:vm0', command, args);
  }

  /** Device 1 is bound, with page tables 3 and 4 that take PASIDs. */
  prepared(): this {
    this.vmm('openCdev', { device: 'dev0' });
    this.vmm('openIommufd');
    this.vmm('vfioBind', { fd: 3, iommufd: 4 });
    this.vmm('ioasAlloc', { fd: 4 });
    const hwpt = { fd: 4, flags: HWPT_ALLOC.PASID, devId: 1, ptId: 2 };
    expect(this.vmm('hwptAlloc', hwpt)).toBe('ok');
    expect(this.vmm('hwptAlloc', hwpt)).toBe('ok');
    return this;
  }
}

const BY_PASID = { flags: VFIO_DEVICE.ATTACH_PASID, pasid: 1 };

describe('while a device is being reset', () => {
  it('its group is attached to nothing, and afterwards it is', () => {
    const calls = new Calls().prepared();
    expect(calls.do('device:dev0', 'resetBegins')).toBe('ok');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3 })).toBe('EBUSY');
    expect(calls.do('device:dev0', 'resetEnds')).toBe('ok');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3 })).toBe('ok');
  });

  it('a replace by another is EBUSY, and by the same is nothing to do', () => {
    const calls = new Calls().prepared();
    calls.vmm('vfioAttach', { fd: 3, ptId: 3 });
    calls.do('device:dev0', 'resetBegins');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 4 })).toBe('EBUSY');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3 })).toBe('ok');
  });

  it('a PASID is EBUSY, behind what is wrong with the PASID, and may be detached', () => {
    const calls = new Calls().prepared();
    calls.vmm('vfioAttach', { fd: 3, ptId: 3 });
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3, ...BY_PASID })).toBe('ok');
    calls.do('device:dev0', 'resetBegins');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3, ...BY_PASID, pasid: 2 })).toBe('EBUSY');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3, ...BY_PASID, pasid: 0 })).toBe('EINVAL');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 3, ...BY_PASID, pasid: 4 })).toBe('EBUSY');
    expect(calls.vmm('vfioAttach', { fd: 3, ptId: 4, ...BY_PASID })).toBe('EBUSY');
    expect(calls.vmm('vfioDetach', { fd: 3, flags: VFIO_DEVICE.DETACH_PASID, pasid: 1 })).toBe('ok');
  });

  it('it is not reset again, and a reset that was not begun has no end', () => {
    const calls = new Calls();
    expect(calls.do('device:dev0', 'resetEnds')).toBe('EINVAL');
    expect(calls.do('device:dev0', 'resetBegins')).toBe('ok');
    expect(calls.do('device:dev0', 'resetBegins')).toBe('EBUSY');
  });

  it('others are not, and what cannot be reset is not', () => {
    const calls = new Calls();
    expect(calls.do('device:dev1', 'resetBegins')).toBe('ok');
    expect(calls.do('device:dev3', 'resetBegins')).toBe('ENODEV');
  });
});
