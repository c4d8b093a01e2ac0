import type { Call } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { CommandArgs, CommandName, Words } from '../../model/world/command.ts';
import { decodeCommand, encodeCommand } from '../../spec/smmuv3/command.ts';
import { type Draw, oneIn, pick } from '../../workload/generator/choice.ts';
import { generateVmCall } from '../../workload/generator/vmm/generate.ts';
import type { LiveSequence, LiveStep } from '../step.ts';
import { Guest } from './guest.ts';
import { ASIDS, contextWords, IOVA, layoutOf, leafOf, leafWords, PAGES, translating } from './layout.ts';
import { busesOf, PORTS } from './machine.ts';
import { startOf } from './plan.ts';

const VM = 'vm0';
const GUEST = `guest:${VM}`;
const TRIES = 60;
const BYTES = 8;

/** Commands that are no operator's or guest's of this machine, or that a sequence has at its beginning only. */
const NOT_MADE: ReadonlySet<CommandName> = new Set([
  'boot',
  'migrate',
  'serveEvents',
  'smmuEvent',
  'iommuDriverInfo',
]);

/** A sequence of the model's guests and operators, for the machine that the VMM builds; made from choices alone. */
export function generateVmm(
  platform: Platform,
  rules: Rules,
  { steps, avoided }: { readonly steps: number; readonly avoided: ReadonlySet<CommandName | string> },
  beginning: LiveSequence | null,
  draw: Draw,
): LiveSequence {
  const sequence: LiveStep[] = [...(beginning ?? opening(platform, rules, draw))];
  const { cold, from } = startOf(sequence);
  const guest = new Guest(platform, rules, cold);
  guest.start();
  for (const step of sequence.slice(from)) guest.take(step);
  if (beginning === null)
    for (const step of settingUp(draw)) {
      guest.take(step);
      sequence.push(step);
    }
  for (let tries = 0; sequence.length < steps && tries < TRIES; ) {
    const made = next(guest, draw).filter((step) => step.kind !== 'call' || !avoided.has(step.call.command));
    let taken = 0;
    for (const step of made) {
      if (guest.take(step).length === 0) continue;
      sequence.push(step);
      taken++;
    }
    tries = taken === 0 ? tries + 1 : 0;
  }
  return sequence;
}

const call = (command: CommandName, args: Call['args'], actor = GUEST): LiveStep => ({
  kind: 'call',
  call: { actor, command, args },
});

/** Devices that are there from the start, none mostly; none either where the VMM does not start with them. */
function opening(platform: Platform, rules: Rules, draw: Draw): readonly LiveStep[] {
  const boot = call('boot', { vm: VM }, 'operator');
  const left = [...platform.devices];
  const cold = Array.from({ length: pick(COLD, draw) }, (_, at) => {
    const [device] = left.splice(draw(left.length), 1);
    const vsmmu = draw(2);
    const port = PORTS.filter((each) => each.vsmmu === vsmmu)[at];
    const args = {
      vm: VM,
      vsmmu,
      device: device?.id ?? '',
      vsid: (port?.bus ?? 1) << 8,
      port: port?.id ?? '',
    };
    return call('plug', args, 'operator');
  });
  const sequence = [...cold, boot];
  return new Guest(platform, rules, startOf(sequence).cold).starts() ? sequence : [boot];
}

/** How many devices are there from the start. */
const COLD: readonly number[] = [0, 0, 0, 1, 1, 2, 3];

/** The guest's driver comes up, mostly. */
function settingUp(draw: Draw): readonly LiveStep[] {
  return [0, 1].flatMap((vsmmu) => (oneIn(4, draw) ? [] : [call('writeCr0', { vsmmu, value: 0xd })]));
}

function next(guest: Guest, draw: Draw): readonly LiveStep[] {
  const { world } = guest.system;
  const plugged = world.vms[0]?.vsmmus.flatMap(({ devices }) => devices.map(({ device }) => device)) ?? [];
  if (plugged.length > 0 && oneIn(3, draw)) return [dma(pick(plugged, draw), draw)];
  if (plugged.length > 0 && oneIn(6, draw)) return configuring(guest, pick(plugged, draw), draw);
  if (oneIn(10, draw)) return [edited(guest, draw)];
  const made = generateVmCall(world, draw);
  return NOT_MADE.has(made.command) ? [] : fitted(guest, made, draw);
}

function dma(device: string, draw: Draw): LiveStep {
  const iova = oneIn(5, draw) ? IOVA.unmapped : IOVA.mapped;
  const direction = oneIn(6, draw) ? 'from-mem' : 'to-mem';
  return { kind: 'transfer', device, direction, iova, length: BYTES };
}

/** What a driver does that gives a device a context, or takes it away. */
function configuring(guest: Guest, device: string, draw: Draw): readonly LiveStep[] {
  const port = guest.portOf(device);
  if (port === null) return [];
  const { vsmmu } = port;
  const vsid = guest.busOf(port) << 8;
  const words = oneIn(4, draw) ? [1n | (BigInt(draw(8)) << 1n), 0n] : translating(vsmmu, draw(2));
  const commands = [encodeCommand('CFGI_STE', { StreamID: vsid, Leaf: 1 }), encodeCommand('SYNC')];
  return [
    call('writeSte', { vsmmu, vsid, words }),
    call('issueCommands', { vsmmu, words: commands.flat() }),
    dma(device, draw),
  ];
}

/** A context or a page that is another now; that the vSMMU hears of it is another step. */
function edited(guest: Guest, draw: Draw): LiveStep {
  const vsmmu = draw(guest.system.world.vms[0]?.vsmmus.length ?? 1);
  const context = draw(2);
  if (oneIn(2, draw)) {
    const page = oneIn(3, draw) ? null : (PAGES[draw(2)] ?? null);
    return call('storeGuest', { address: leafOf(vsmmu, context), words: leafWords(page) });
  }
  const address = layoutOf(vsmmu).contexts[context] ?? 0n;
  const words = contextWords(vsmmu, oneIn(2, draw) ? context : draw(2), ASIDS[draw(2)] ?? 1);
  return call('storeGuest', { address, words: oneIn(6, draw) ? [0n] : words });
}

/** A call of the model's generator, with the addresses and numbers that this machine has; none where it can do nothing. */
function fitted(guest: Guest, made: Call, draw: Draw): readonly LiveStep[] {
  const { args } = made;
  const vsmmu = Number(args.vsmmu ?? 0);
  const with_ = (changed: Call['args']): readonly LiveStep[] => [
    { kind: 'call', call: { ...made, args: { ...args, ...changed } } },
  ];
  switch (made.command) {
    case 'plug': {
      const free = guest.freePorts(vsmmu);
      if (free.length === 0 || guest.portOf(String(args.device)) !== null) return [];
      const port = pick(free, draw);
      return with_({ vsid: guest.busOf(port) << 8, port: port.id });
    }
    case 'renumber': {
      const empty = oneIn(4, draw) ? guest.freePorts(vsmmu) : [];
      const port = empty.length > 0 ? pick(empty, draw) : guest.portOf(String(args.device));
      const free = port === null ? [] : busesOf(port.vsmmu).filter((bus) => guest.isFreeBus(bus));
      if (free.length === 0) return [];
      const to = pick(free, draw) << 8;
      return with_(empty.length === 0 ? { to } : { to, device: '', port: port?.id ?? '' });
    }
    case 'writeSte':
      return with_({ words: ownContext(vsmmu, args.words as Words) });
    case 'issueCommands':
      return with_({ words: ownAddresses(args.words as Words) });
    case 'writeRegister':
      return register(guest, args as unknown as CommandArgs['writeRegister'], with_, draw);
    case 'storeGuest':
      return array(guest, vsmmu, draw);
    default:
      return with_({});
  }
}

/** S1ContextPtr of the model's guests, for those of this machine. */
function ownContext(vsmmu: number, [first = 0n, ...rest]: Words): Words {
  const pointer = first & 0xf_ffff_ffff_ffc0n;
  const own = [0x4_0000n, 0x8_0000n].indexOf(pointer);
  const context = layoutOf(vsmmu).contexts[own];
  return [context === undefined ? first : (first & ~0xf_ffff_ffff_ffc0n) | context, ...rest];
}

/** Invalidations by address are of what is mapped, and those by ASID of the contexts there are. */
function ownAddresses(words: Words): Words {
  const own: bigint[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const pair = [words[at] ?? 0n, words[at + 1] ?? 0n] as const;
    const decoded = decodeCommand(pair);
    const isVa = decoded?.name === 'TLBI_NH_VA' || decoded?.name === 'TLBI_NH_VAA';
    own.push(pair[0] + (decoded?.name === 'TLBI_NH_VA' ? 1n << 48n : 0n));
    own.push(isVa ? (pair[1] & 0xfffn) | IOVA.mapped : pair[1]);
  }
  return own;
}

/** Formats of stream tables: linear, too short, of two levels with either split. */
const FORMATS: readonly bigint[] = [12n, 12n, 9n, 0x1_018cn, 0x1_020cn];

function register(
  guest: Guest,
  { register: name, half }: CommandArgs['writeRegister'],
  with_: (changed: Call['args']) => readonly LiveStep[],
  draw: Draw,
): readonly LiveStep[] {
  const vsmmus = guest.system.world.vms[0]?.vsmmus ?? [];
  const vsmmu = draw(vsmmus.length);
  const { tables, commands, events } = layoutOf(vsmmu);
  const control = vsmmus[vsmmu]?.control;
  const value = (of: bigint): readonly LiveStep[] => with_({ vsmmu, value: of, half });
  switch (name) {
    case 'STRTAB_BASE':
      return value(pick(tables, draw));
    case 'STRTAB_BASE_CFG':
      return value(pick(FORMATS, draw));
    case 'CMDQ_BASE':
      return value(commands | BigInt(pick([4, 4, 3], draw)));
    case 'EVENTQ_BASE':
      return value(pick([events | 3n, events | 1n, 0x10_0000_0000n], draw));
    case 'GERRORN':
      return value(BigInt(control?.GERROR ?? 0));
    case 'CMDQ_PROD':
    case 'CMDQ_CONS':
      return value(BigInt(control?.CMDQ_PROD ?? 0));
    case 'EVENTQ_PROD':
    case 'EVENTQ_CONS':
      return value(BigInt(control?.EVENTQ_PROD ?? 0));
    default:
      return with_({ vsmmu });
  }
}

const L2_BYTES = 0x4000n;

/** A descriptor of a table of two levels, for the StreamIDs of a bus. */
function array(guest: Guest, index: number, draw: Draw): readonly LiveStep[] {
  const vsmmu = Math.min(index, 1);
  const control = guest.system.world.vms[0]?.vsmmus[vsmmu]?.control;
  if (control === undefined) return [];
  const bus = BigInt(pick(busesOf(vsmmu), draw));
  const split = (BigInt(control.STRTAB_BASE_CFG) >> 6n) & 0x1fn;
  const at = (bus << 8n) >> split;
  const base = control.STRTAB_BASE & 0xf_ffff_ffff_ffc0n;
  const words = oneIn(4, draw) ? [0n] : [(layoutOf(vsmmu).arrays + bus * L2_BYTES) | BigInt(1 + draw(8))];
  return [call('storeGuest', { address: base + 8n * at, words })];
}
