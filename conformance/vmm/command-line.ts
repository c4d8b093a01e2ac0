import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';

/*
 * QEMU's command line, as far as vSMMUs and what is behind them go.
 */

/** A bus that devices are put on: a root bus, or the one behind a port. */
export interface Bus {
  readonly id: string;
  /** Which vSMMU is in front of it; null: none. */
  readonly vsmmu: number | null;
  /** Of a root bus its number; null: a port's, which the guest numbers. */
  readonly root: number | null;
  /** Of a port's bus the bus that the port is on, and where. */
  readonly port: { readonly bus: string; readonly devfn: number } | null;
}

/** A passed-through device. */
export interface Assigned {
  readonly id: string;
  /** Its PCI address on the host. */
  readonly host: string;
  readonly bus: string;
  readonly devfn: number;
  /** Which iommufd object it is of, by its rank; null: none. */
  readonly iommufd: number | null;
}

export interface Machine {
  readonly vsmmus: readonly VsmmuProperties[];
  readonly buses: readonly Bus[];
  /** iommufd objects by their ids. */
  readonly iommufds: readonly string[];
  readonly devices: readonly Assigned[];
  /** Bytes of memory (`-m`). */
  readonly memory: bigint;
}

type Options = Readonly<Record<string, string>>;

const ROOT = 'pcie.0';

/** IDR5.OAS by its bits. */
const OAS: Readonly<Record<string, number>> = { '44': 4, '48': 5 };

/** What a command line builds. */
export function machineOf(args: string): Machine {
  const words = args.split(/\s+/);
  const given: Options[] = [];
  const iommufds: string[] = [];
  words.forEach((word, at) => {
    const options = optionsOf(words[at + 1] ?? '');
    if (word === '-device') given.push(options);
    if (word === '-object' && options.driver === 'iommufd') iommufds.push(options.id ?? '');
  });
  const smmus = given.filter(({ driver, accel }) => driver === 'arm-smmuv3' && accel === 'on');
  const behind = (bus: string): number | null => {
    const index = smmus.findIndex((smmu) => smmu['primary-bus'] === bus);
    return index < 0 ? null : index;
  };
  const buses: Bus[] = [{ id: ROOT, vsmmu: behind(ROOT), root: 0, port: null }];
  for (const { driver, id = '', bus_nr = '0' } of given)
    if (driver === 'pxb-pcie') buses.push({ id, vsmmu: behind(id), root: Number(bus_nr), port: null });
  for (const { driver, id = '', bus = ROOT, addr = '0' } of given) {
    if (driver !== 'pcie-root-port') continue;
    const on = buses.find((each) => each.id === bus);
    buses.push({ id, vsmmu: on?.vsmmu ?? null, root: null, port: { bus, devfn: devfnOf(addr) } });
  }
  const devices = given
    .filter(({ driver }) => driver === 'vfio-pci')
    .map((each) => assignedOf(each, iommufds));
  const memory = memoryOf(words[words.indexOf('-m') + 1] ?? '');
  return { vsmmus: smmus.map(propertiesOf), buses, iommufds, devices, memory };
}

/** A device as a command line or `device_add` names it. */
export function assignedOf(options: Options, iommufds: readonly string[]): Assigned {
  const { id = '', host = '', bus = ROOT, addr = '0', iommufd } = options;
  const rank = iommufd === undefined ? null : Math.max(iommufds.indexOf(iommufd), 0);
  return { id, host, bus, devfn: devfnOf(addr), iommufd: rank };
}

/** `512M`, `1G`; QEMU's default is 128 MiB. */
function memoryOf(text: string): bigint {
  const [, number, unit] = /^(?:size=)?(\d{1,9})([MG]?)$/.exec(text) ?? [];
  return number === undefined ? 128n << 20n : BigInt(number) << (unit === 'G' ? 30n : 20n);
}

function optionsOf(text: string): Options {
  const options: Record<string, string> = {};
  text.split(',').forEach((part, at) => {
    const [name = '', ...value] = part.split('=');
    if (at === 0 && value.length === 0) options.driver = name;
    else options[name] = value.join('=');
  });
  return options;
}

/** `2` or `0x2.1`: slot and function, the slot in hexadecimal. */
function devfnOf(addr: string): number {
  const [slot = '0', fn = '0'] = addr.split('.');
  return Number.parseInt(slot, 16) * 8 + Number.parseInt(fn, 16);
}

function propertiesOf(options: Options): VsmmuProperties {
  const { ats = 'auto', ril = 'auto', ssidsize = 'auto', oas = 'auto', cmdqv = 'auto' } = options;
  const auto: ('oas' | 'ssidSize' | 'ril' | 'ats')[] = [];
  if (ats === 'auto') auto.push('ats');
  if (ril === 'auto') auto.push('ril');
  if (ssidsize === 'auto') auto.push('ssidSize');
  return {
    oas: OAS[oas] ?? 4,
    ssidSize: ssidsize === 'auto' ? 0 : Number(ssidsize),
    ril: ril !== 'off',
    ats: ats === 'on',
    cmdqv: cmdqv !== 'off',
    ...(auto.length === 0 ? {} : { auto }),
    iommu: '',
  };
}
