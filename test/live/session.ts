import type { LiveSequence, LiveStep } from '../../live/step.ts';
import { IOVA, translating } from '../../live/vmm/layout.ts';
import type { Call } from '../../model/call.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';

const DEVICE = '0000:00:02.0';
const VSID = 0x100;

const guest = (command: Call['command'], args: Call['args']): LiveStep => ({
  kind: 'call',
  call: { actor: 'guest:vm0', command, args },
});

const operator = (command: Call['command'], args: Call['args']): LiveStep => ({
  kind: 'call',
  call: { actor: 'operator', command, args },
});

const dma = (iova: bigint): LiveStep => ({
  ...{ kind: 'transfer', device: DEVICE, direction: 'to-mem', iova, length: 8 },
});

const configures = [...encodeCommand('CFGI_STE', { StreamID: VSID, Leaf: 1 }), ...encodeCommand('SYNC')];

/** What a guest does with one device, from its first entry to an event and the device's end; QEMU 11.1.3 did it in the lab. */
export const SESSION: LiveSequence = [
  operator('boot', { vm: 'vm0' }),
  operator('plug', { vm: 'vm0', vsmmu: 0, device: DEVICE, vsid: VSID }),
  guest('writeCr0', { vsmmu: 0, value: 0xd }),
  dma(IOVA.mapped),
  guest('writeSte', { vsmmu: 0, vsid: VSID, words: translating(0, 1) }),
  guest('issueCommands', { vsmmu: 0, words: configures }),
  dma(IOVA.mapped),
  dma(IOVA.unmapped),
  guest('readEvents', { vsmmu: 0 }),
  guest('writeGbpa', { vsmmu: 0, value: 0x8010_0000 }),
  dma(IOVA.mapped),
  operator('unplug', { vm: 'vm0', device: DEVICE }),
  operator('reset', { vm: 'vm0' }),
];
