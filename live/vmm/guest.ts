import type { System } from '../../conformance/linux/system.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { ControlName } from '../../model/vmm/control.ts';
import { steAddress } from '../../model/vmm/ste-place.ts';
import type { CommandArgs, CommandName } from '../../model/world/command.ts';
import type { LiveStep } from '../step.ts';
import { Bench, FIRST_SMMU } from './bench.ts';
import { transferBy } from './dma.ts';
import { COMMANDS_LOG2, EVENTS_LOG2, firstStores, isRam, layoutOf, STREAMS_LOG2 } from './layout.ts';
import { type Cold, idOf, PORTS, type Port, portNamed, wordsOf } from './machine.ts';
import { hexOf, lineOf, type Planned } from './planned.ts';
import { acknowledge, issue, takeEvents } from './queues.ts';

const STE_BYTES = 64;

/** Configuration space of ports and devices, as firmware writes it. */
const CONFIG = { command: 4, bar0: 16, buses: 24, memory: 32, prefetchable: 36, slot: 0x54 + 0x18 } as const;
const PORT_COMMAND = 7;
const DEVICE_COMMAND = 6;
const NO_WINDOW = 0xfff0;
const SLOT = { on: 0x100, off: 0x700 } as const;

/**
 * What the VMM's loop and its RCU thread do behind an answer: a system reset, and the end of a device that is no more. Time in
 * which a guest of the lab only waits passes at once.
 */
const SETTLING: readonly string[] = ['pause 200', `qtest readl ${hexOf(FIRST_SMMU)}`];

type Args<C extends CommandName> = Partial<CommandArgs[C]>;

/** What commands are for the machine. Others are nobody's there. */
const STEPS: { readonly [C in CommandName]?: (guest: Guest, args: Args<C>) => void } = {
  plug: (guest, args) => guest.plug(args),
  unplug: (guest, { device = '' }) => guest.unplug(device),
  reset: (guest) => guest.reset(),
  renumber: (guest, { device = '', port = '', to = 0 }) =>
    guest.renumber(port === '' ? guest.portOf(device) : portNamed(port), to >> 8),
  writeCr0: ({ bench }, { vsmmu = 0, value = 0 }) => bench.write(vsmmu, 'CR0', BigInt(value)),
  writeGbpa: ({ bench }, { vsmmu = 0, value = 0 }) => bench.write(vsmmu, 'GBPA', BigInt(value)),
  writeRegister: ({ bench }, { vsmmu = 0, register, value = 0n, half = 0 }) =>
    bench.write(vsmmu, register as ControlName, value, half),
  readRegister: ({ bench }, { vsmmu = 0, register = '' }) => bench.read(vsmmu, register),
  readId: ({ bench }, { vsmmu = 0 }) => {
    for (const register of ['IDR0', 'IDR1', 'IDR3', 'IDR5']) bench.read(vsmmu, register);
  },
  storeGuest: ({ bench }, { address = 0n, words = null, zeros = 0 }) =>
    bench.store(address, words ?? [], zeros),
  writeSte: ({ bench }, { vsmmu = 0, vsid = 0, words = null }) => {
    const control = bench.vsmmu(vsmmu)?.control;
    const address = control === undefined ? null : steAddress(control, bench.vm.memory, vsid);
    if (address !== null && isRam(address)) bench.store(address, words ?? [], STE_BYTES);
  },
  issueCommands: ({ bench }, { vsmmu = 0, words = null }) => issue(bench, vsmmu, words ?? []),
  acknowledge: ({ bench }, { vsmmu = 0 }) => acknowledge(bench, vsmmu),
  readEvents: ({ bench }, { vsmmu = 0 }) => takeEvents(bench, vsmmu),
};

/**
 * What operator and guest do, step by step. Where addresses depend on what was done before (the next slot of a queue, the place of
 * an entry), they are those of a machine that the model follows.
 */
export class Guest {
  readonly bench: Bench;
  readonly #cold: readonly Cold[];
  /** Devices, by the port that they are behind. */
  readonly #behind = new Map<string, string>();
  /** Numbers of buses that are not the firmware's, by port. */
  readonly #numbers = new Map<string, number>();
  #plugs = 0;
  #markers = 0;

  /** A machine that starts with these devices. */
  constructor(platform: Platform, rules: Rules, cold: readonly Cold[]) {
    this.bench = new Bench(platform, rules, cold);
    this.#cold = cold;
  }

  get system(): System {
    return this.bench.system;
  }

  /** The port that a device is behind; null: none. */
  portOf(device: string): Port | null {
    return PORTS.find(({ id }) => this.#behind.get(id) === device) ?? null;
  }

  /** The ports of a vSMMU with nothing behind them. */
  freePorts(vsmmu: number): readonly Port[] {
    return PORTS.filter((port) => port.vsmmu === vsmmu && !this.#behind.has(port.id));
  }

  /** Whether no port's bus has this number. */
  isFreeBus(bus: number): boolean {
    return !PORTS.some((port) => this.busOf(port) === bus);
  }

  busOf(port: Port): number {
    return this.#numbers.get(port.id) ?? port.bus;
  }

  /** Whether the model lets it start with its devices. */
  starts(): boolean {
    const isStarted = this.bench.act(lineOf({ ev: 'start', args: '' }), []);
    this.bench.taken();
    return isStarted;
  }

  /** The machine is switched on, and its firmware runs. */
  start(): readonly Planned[] {
    const args = wordsOf(this.#cold).join(' ');
    this.bench.act(lineOf({ ev: 'start', args }), ['qmp {"execute":"qmp_capabilities"}']);
    for (const { device, port } of this.#cold) this.#behind.set(port.id, device);
    this.#firmware();
    for (const [index] of this.bench.vm.vsmmus.entries())
      for (const { address, words } of firstStores(index)) this.bench.store(address, words);
    return this.bench.taken();
  }

  /** One step; nothing where the machine has not what it is about. */
  take(step: LiveStep): readonly Planned[] {
    if (step.kind === 'transfer') this.#transfer(step);
    else if (step.kind === 'call') {
      const { command, args } = step.call;
      (STEPS[command] as ((guest: Guest, args: unknown) => void) | undefined)?.(this, args);
    }
    return this.bench.taken();
  }

  plug({ vsmmu = 0, device, port: named }: Args<'plug'>): void {
    const free = this.freePorts(vsmmu);
    const port = free.find(({ id }) => id === named) ?? free[0];
    if (port === undefined || device === undefined || this.portOf(device) !== null) return;
    const id = idOf(device, ++this.#plugs);
    const args = { driver: 'vfio-pci', id, bus: port.id, host: device, iommufd: 'iommufd0' };
    const cmd = { execute: 'device_add', arguments: args };
    const operations = [`qmp ${JSON.stringify(cmd)}`, ...SETTLING];
    if (!this.bench.act(lineOf({ ev: 'qmp', cmd }), operations, true)) return;
    this.#behind.set(port.id, device);
    this.bench.config(bdfOf(port.on, port.slot), CONFIG.slot, SLOT.on, 2);
    this.#deviceSet(port);
  }

  unplug(device: string): void {
    const port = this.portOf(device);
    if (port === null) return;
    this.bench.config(bdfOf(port.on, port.slot), CONFIG.slot, SLOT.off, 2, SETTLING);
    this.#behind.delete(port.id);
  }

  reset(): void {
    const cmd = { execute: 'system_reset' };
    const operations = [`qmp ${JSON.stringify(cmd)}`, ...SETTLING];
    this.bench.act(lineOf({ ev: 'qmp', cmd }), operations, true);
    this.#numbers.clear();
    this.#firmware();
  }

  renumber(port: Port | null, bus: number): void {
    if (port === null || bus <= port.on || bus > 0xff || !this.isFreeBus(bus)) return;
    this.#numbers.set(port.id, bus);
    this.#portSet(port);
    this.#deviceSet(port);
  }

  #firmware(): void {
    for (const port of PORTS) this.#portSet(port);
    for (const port of PORTS) this.#deviceSet(port);
    for (const [index] of this.bench.vm.vsmmus.entries()) {
      const { tables, commands, events } = layoutOf(index);
      const first: readonly (readonly [ControlName, bigint])[] = [
        ['CR0', 0n],
        ['CR1', 0xd75n],
        ['CR2', 0n],
        ['STRTAB_BASE', tables[0]],
        ['STRTAB_BASE_CFG', BigInt(STREAMS_LOG2)],
        ['CMDQ_BASE', commands | COMMANDS_LOG2],
        ['CMDQ_PROD', 0n],
        ['CMDQ_CONS', 0n],
        ['EVENTQ_BASE', events | EVENTS_LOG2],
        ['EVENTQ_PROD', 0n],
        ['EVENTQ_CONS', 0n],
      ];
      for (const [register, value] of first) this.bench.write(index, register, value);
    }
  }

  #portSet(port: Port): void {
    const at = bdfOf(port.on, port.slot);
    const bus = this.busOf(port);
    const window = Number((port.bar >> 16n) & 0xfff0n);
    this.bench.config(at, CONFIG.buses, port.on | (bus << 8) | (bus << 16), 4);
    this.bench.config(at, CONFIG.memory, window * 0x1_0001, 4);
    this.bench.config(at, CONFIG.prefetchable, NO_WINDOW, 4);
    this.bench.config(at, CONFIG.command, PORT_COMMAND, 2);
  }

  #deviceSet(port: Port): void {
    if (!this.#behind.has(port.id)) return;
    const device = bdfOf(this.busOf(port), 0);
    this.bench.config(device, CONFIG.bar0, Number(port.bar), 4);
    this.bench.config(device, CONFIG.command, DEVICE_COMMAND, 2);
  }

  #transfer(step: LiveStep & { kind: 'transfer' }): void {
    const port = this.portOf(step.device);
    if (port === null) return;
    const { places, marker, operations, looks } = transferBy(port.bar, step, ++this.#markers);
    for (const address of places) this.bench.storeHex(address, marker);
    const [bar, iova] = [hexOf(port.bar), hexOf(step.iova)];
    const moved = lineOf({ ev: 'transfer', bar, dir: step.direction, iova, len: step.length });
    this.bench.move(moved, operations);
    if (looks.length > 0) this.bench.see({ kind: 'landed', iova: step.iova, places, marker }, looks);
    this.bench.read(port.vsmmu, 'EVENTQ_PROD');
  }
}

function bdfOf(bus: number, slot: number): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(bus)}:${two(slot)}.0`;
}
