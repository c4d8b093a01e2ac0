import type { Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { Command, Words } from '../../model/world/command.ts';
import { FIRST_FD, vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import { EventClass, encodeEvent } from '../../spec/smmuv3/event.ts';
import { SteConfig } from '../../spec/smmuv3/ste.ts';
import { vste } from '../generator/vste.ts';
import type { Scope } from '../scopes/scope.ts';
import type { Alphabet } from './alphabet.ts';
import { commandOf, commandTable } from './commands.ts';

/** Virtual StreamIDs. */
const VSIDS = [0, 1] as const;

/** CR0: everything off, everything on. */
const CR0 = [0, 0b1101] as const;

/** GBPA with its update bit: bypass, abort. */
const GBPA = [2 ** 31, 2 ** 31 + 2 ** 20] as const;

/** What a guest can say of a stream; `Nested` is not for guests to say. */
const ENTRIES: readonly Words[] = [
  vste({ V: 1, Config: SteConfig.Abort }),
  vste({ V: 1, Config: SteConfig.Bypass }),
  vste({ V: 1, Config: SteConfig.S1Trans }),
  vste({ V: 1, Config: SteConfig.Nested }),
  vste({ V: 1, Config: SteConfig.S1Trans, SHCFG: 1 }),
  vste({ V: 1, Config: SteConfig.S1Trans, EATS: 1 }),
];

/** Commands that are no stream's: for the guest's own translations, what only a host may say, and what is reserved. */
const QUEUED: readonly Words[] = [
  encodeCommand('TLBI_NH_ALL'),
  encodeCommand('TLBI_S12_VMALL'),
  encodeCommand('ATC_INV', { Size: 52 }),
  encodeCommand('SYNC', { CS: 3 }),
  encodeCommand('RESUME'),
];

const EVENT: Words = encodeEvent('F_TRANSLATION', { CLASS: EventClass.IN, RnW: 1, InputAddr: 0x4000n });

/** What operators and guests do with virtual machines that are modelled with their VMM, and what devices do. */
export function vmmAlphabet({ platform }: Scope): Alphabet {
  const { devices, iommus, vmHardware = [] } = platform;
  const name = (vm: number): string => vmHardware[vm]?.vm ?? '';
  const guest = (vm: number, command: Command['command'], args: object): Command =>
    commandOf(`guest:${name(vm)}`, command, { ...args });
  const operator = (command: Command['command'], args: object): Command =>
    commandOf('operator', command, { ...args });
  const hosts = Math.max(...devices.map(({ host }) => host ?? 0)) + 1;
  const id = (device: number): string => devices[device]?.id ?? '';
  const boot = commandTable((vm) => operator('boot', { vm: name(vm) }));
  const reset = commandTable((vm) => operator('reset', { vm: name(vm) }));
  const plug = commandTable((vm, vsmmu, device, vsid) =>
    operator('plug', { vm: name(vm), vsmmu, device: id(device), vsid }),
  );
  const unplug = commandTable((vm, device) => operator('unplug', { vm: name(vm), device: id(device) }));
  const migrate = commandTable((vm, host) => operator('migrate', { vm: name(vm), host }));
  const migrateTo = commandTable((vm, host, vsmmu, device) =>
    operator('migrate', { vm: name(vm), host, device: id(device), vsmmu, vsid: 0 }),
  );
  const readId = commandTable((vm, vsmmu) => guest(vm, 'readId', { vsmmu }));
  const writeCr0 = commandTable((vm, vsmmu, which) => guest(vm, 'writeCr0', { vsmmu, value: CR0[which] }));
  const writeGbpa = commandTable((vm, vsmmu, which) => guest(vm, 'writeGbpa', { vsmmu, value: GBPA[which] }));
  const writeSte = commandTable((vm, vsmmu, vsid, which) =>
    guest(vm, 'writeSte', { vsmmu, vsid, words: ENTRIES[which] }),
  );
  const queue = commandTable((vm, vsmmu, which) =>
    guest(vm, 'issueCommands', { vsmmu, words: QUEUED[which] }),
  );
  const acknowledge = commandTable((vm, vsmmu) => guest(vm, 'acknowledge', { vsmmu }));
  const readStes = commandTable((vm, vsmmu, StreamID) =>
    guest(vm, 'issueCommands', { vsmmu, words: encodeCommand('CFGI_STE', { StreamID, Leaf: 1 }) }),
  );
  const readEvents = commandTable((vm, vsmmu) => guest(vm, 'readEvents', { vsmmu }));
  const ask = commandTable((vm, fd, iommu) => commandOf(vmmOf(name(vm)), 'iommuDriverInfo', { fd, iommu }));
  const events = devices.map(({ id: device, streamIds }) => {
    const [first = 0n, ...rest] = EVENT;
    const words = [first | (BigInt(streamIds[0] ?? 0) << 32n), ...rest];
    return commandOf(`device:${device}`, 'smmuEvent', { words });
  });

  const ofVsmmu = (vm: number, vsmmu: number, tried: Command[]): void => {
    for (let device = 0; device < devices.length; device++)
      for (const vsid of VSIDS) tried.push(plug(vm, vsmmu, device, vsid));
    tried.push(readId(vm, vsmmu), readEvents(vm, vsmmu), acknowledge(vm, vsmmu));
    for (let which = 0; which < CR0.length; which++) tried.push(writeCr0(vm, vsmmu, which));
    for (let which = 0; which < GBPA.length; which++) tried.push(writeGbpa(vm, vsmmu, which));
    for (let which = 0; which < QUEUED.length; which++) tried.push(queue(vm, vsmmu, which));
    for (const vsid of VSIDS) {
      for (let which = 0; which < ENTRIES.length; which++) tried.push(writeSte(vm, vsmmu, vsid, which));
      tried.push(readStes(vm, vsmmu, vsid));
    }
    for (let host = 0; host < hosts; host++)
      for (let device = 0; device < devices.length; device++)
        if ((devices[device]?.host ?? 0) === host) tried.push(migrateTo(vm, host, vsmmu, device));
  };

  return (world) => {
    const tried: Command[] = [];
    for (let vm = 0; vm < world.vms.length; vm++) {
      const { vsmmus, iommufds } = world.vms[vm] as Vm;
      tried.push(boot(vm), reset(vm));
      for (let device = 0; device < devices.length; device++) tried.push(unplug(vm, device));
      for (let host = 0; host < hosts; host++) tried.push(migrate(vm, host));
      for (let vsmmu = 0; vsmmu < vsmmus.length; vsmmu++) ofVsmmu(vm, vsmmu, tried);
      for (let iommu = 0; iommu < iommus.length; iommu++)
        tried.push(ask(vm, iommufds[0]?.fd ?? FIRST_FD, iommu));
    }
    for (const event of events) tried.push(event);
    return tried;
  };
}

/** Event records that wait for a guest, at most: one more would only be more of the same. */
const MOST_EVENTS = 1;

/** Whether no more events wait for guests than are explored, in a VMM or in the kernel. */
export function fewEvents({ vms, contexts }: World): boolean {
  const few = ({ control }: Vsmmu): boolean => control.EVENTQ_PROD - control.EVENTQ_CONS <= MOST_EVENTS;
  return (
    vms.every(({ vsmmus }) => vsmmus.every(few)) &&
    contexts.every(
      (context) =>
        context?.objects.every((slot) => slot?.type !== 'veventq' || slot.numEvents <= MOST_EVENTS) ?? true,
    )
  );
}
