import type { Assigned, Bus, Machine } from './command-line.ts';

/*
 * The guest's side of PCI, as far as it says which device is which: bus numbers, the first BAR, slot power.
 */

const BAR0 = 16;
const BUS_NUMBERS = 24;
/** PCI Express capability of QEMU's root port, and Slot Control in it. */
const SLOT_CONTROL = 0x54 + 0x18;

const POWER_OFF = 0x400;
const INDICATOR = 0x300;
const INDICATOR_OFF = 0x300;

/** What a write to configuration space does to the machine. */
export type ConfigEffect =
  | { readonly kind: 'nothing' }
  /** The devices on this bus have other StreamIDs. */
  | { readonly kind: 'renumber'; readonly bus: string }
  /** The slot is switched off: what is behind it goes. */
  | { readonly kind: 'unplug'; readonly bus: string };

export class Pci {
  readonly #buses: readonly Bus[];
  /** Secondary bus numbers of ports, by bus. */
  readonly #numbers = new Map<string, number>();
  readonly #slots = new Map<string, number>();
  /** First BARs by PCI address. */
  readonly #bars = new Map<string, bigint>();

  constructor({ buses }: Machine) {
    this.#buses = buses;
  }

  numberOf(id: string): number {
    const bus = this.#buses.find((each) => each.id === id);
    return bus?.root ?? this.#numbers.get(id) ?? 0;
  }

  /** Ports that have a bus behind them. */
  ports(): readonly string[] {
    return this.#buses.flatMap(({ id, port }) => (port === null ? [] : [id]));
  }

  vsmmuOf(id: string): number | null {
    return this.#buses.find((each) => each.id === id)?.vsmmu ?? null;
  }

  streamOf({ bus, devfn }: Assigned): number {
    return (this.numberOf(bus) << 8) | devfn;
  }

  /** The device whose first BAR is at an address. */
  deviceAt(bar: bigint, devices: readonly Assigned[]): Assigned | null {
    return devices.find((device) => this.#bars.get(addressOf(this.streamOf(device))) === bar) ?? null;
  }

  write(bdf: string, offset: number, value: number, length: number): ConfigEffect {
    if (offset === BAR0) this.#bars.set(bdf, BigInt(value - (value % 16)));
    const port = this.#buses.find(
      ({ port: at }) => at !== null && addressOf((this.numberOf(at.bus) << 8) | at.devfn) === bdf,
    );
    if (port === undefined) return { kind: 'nothing' };
    const secondary = secondaryIn(offset, value, length);
    if (secondary !== null) {
      const before = this.numberOf(port.id);
      this.#numbers.set(port.id, secondary);
      return before === this.numberOf(port.id) ? { kind: 'nothing' } : { kind: 'renumber', bus: port.id };
    }
    if (offset !== SLOT_CONTROL) return { kind: 'nothing' };
    const before = this.#slots.get(port.id) ?? 0;
    this.#slots.set(port.id, value);
    const isOff = (control: number): boolean =>
      (control & POWER_OFF) !== 0 && (control & INDICATOR) === INDICATOR_OFF;
    return isOff(value) && !isOff(before) ? { kind: 'unplug', bus: port.id } : { kind: 'nothing' };
  }

  reset(): void {
    this.#numbers.clear();
    this.#slots.clear();
    this.#bars.clear();
  }
}

/** The secondary bus number in a write to configuration space, which firmware writes by bytes; null: it is not written. */
function secondaryIn(offset: number, value: number, length: number): number | null {
  const at = BUS_NUMBERS + 1 - offset;
  return at < 0 || at >= length ? null : (value >>> (8 * at)) & 0xff;
}

/** `01:02.0` */
function addressOf(requester: number): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(requester >> 8)}:${two((requester >> 3) & 0x1f)}.${requester & 7}`;
}
