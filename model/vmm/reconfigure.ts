import type { Command } from '../../spec/smmuv3/command.ts';
import { streamsNamed } from '../../spec/smmuv3/invalidation.ts';
import { deviceMeant } from './buses.ts';
import { configure, giveVdevice, putOn } from './place.ts';
import type { Vmm } from './process.ts';
import { askedByGbpa, isEnabled, steSeen } from './stream.ts';
import type { PluggedDevice } from './vm.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

/** Reads the STEs that a command is about from memory, and puts their devices where they now say; false: one cannot be. */
export function reconfigure(vmm: Vmm, index: number, command: Command): boolean {
  const { rules } = vmm.tx;
  if (command.name === 'CFGI_STE') {
    const { StreamID } = command.fields;
    if (rules.vmm.namesAreKept) keepName(vmm, index, StreamID);
    const meant = deviceMeant(vmm, index, StreamID);
    return meant === null || reread(vmm, index, meant.device, StreamID);
  }
  if (command.name !== 'CFGI_STE_RANGE' || !rules.vmm.rangeConfigures) return true;
  const isMeant = streamsNamed(command);
  return eachDevice(vmm, index, ({ device, vsid }) => !isMeant(vsid) || reread(vmm, index, device, vsid));
}

function keepName(vmm: Vmm, index: number, streamId: number): void {
  const { named } = vsmmuAt(vmm, index);
  if (named.includes(streamId)) return;
  changeVsmmu(vmm, index, { named: [...named, streamId].sort((a, b) => a - b) });
}

/** CFGI_STE of one device; `streamId`: as the command has it. */
function reread(vmm: Vmm, index: number, id: string, streamId: number): boolean {
  const { rules } = vmm.tx;
  if (!rules.vmm.vdeviceAtPlug) {
    const made = giveVdevice(vmm, index, id, streamId);
    if (made !== null && !made.ok) return false;
  }
  if (isEnabled(vsmmuAt(vmm, index))) return configure(vmm, index, id, streamId) === null;
  if (!rules.vmm.configuresWhileDisabled) return true;
  const found = steSeen(vmm, index, streamId);
  if ((found === 'missing' || found === 'abort') && rules.vmm.missingSte(found === 'abort') === 'previous')
    return true;
  return putOn(vmm, index, id, askedByGbpa(vsmmuAt(vmm, index))) === null;
}

/** Does something about every device, in the order that the VMM goes by; whether it did all of it. */
export function eachDevice(vmm: Vmm, index: number, act: (device: PluggedDevice) => boolean): boolean {
  const { devices } = vsmmuAt(vmm, index);
  const order = vmm.tx.rules.vmm.streamsFrom === 'newest' ? devices.toReversed() : devices;
  let allDone = true;
  for (const device of order) {
    if (act(device)) continue;
    allDone = false;
    if (!vmm.tx.rules.vmm.configuringContinues) return false;
  }
  return allDone;
}

/** Puts devices where CR0, GBPA and their STEs now say. */
export function configureThose(vmm: Vmm, index: number, which: 'all' | 'named' | 'none'): void {
  if (which === 'none') return;
  const { named } = vsmmuAt(vmm, index);
  eachDevice(
    vmm,
    index,
    ({ device, vsid }) =>
      (which === 'named' && !named.includes(vsid)) || configure(vmm, index, device, vsid) === null,
  );
}
