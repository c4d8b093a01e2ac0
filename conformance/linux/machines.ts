import type { DeviceHardware, IommuHardware, Platform, UserMemory } from '../../model/platform/platform.ts';
import { kernel, smmu, USER_MEMORY } from '../../workload/scopes/hardware.ts';
import { InputError } from '../input-error.ts';
import type { Description, Registers } from './description.ts';
import { containersOf } from './legacy-lines.ts';
import type { LineOf } from './lines.ts';

/**
 * A machine on which a recording may have been taken. The recording names its devices, their groups and the registers of
 * their SMMUs; what it does not say is that of the machine whose recordings lie in conformance/recordings/linux-7.2.13.
 * Where its answers leave a choice, all machines that it may be are followed until they tell them apart.
 */
export interface Machine {
  readonly name: string;
  readonly platform: Platform;
}

/** Bus numbers behind the second SMMU of that machine. */
const SECOND_SMMU_BUS = 9;

/** A PCIe-to-PCI bridge's secondary bus: what is behind it arrives under two requester IDs. */
const CONVENTIONAL_PCI_BUS = 1;

/** The first page of the GICv2m or ITS translation frame of QEMU's virt machine. */
const DOORBELL = 0x802_0000n;

/** Interrupts of a PC: writes to these addresses are none to memory. */
const APIC = { doorbell: 0xfee0_0000n, doorbellPages: 256, untranslated: true } as const;

const BAR0_SIZE = 0x10_0000;

/** The devices are conventional PCI, whatever bus they are on. */
const CONVENTIONAL_CONFIG = 256;

type Setup = LineOf<'setup'>;

/** The machines that fit a description: with coherent devices, or without where nothing says that they are. */
export function machinesOf(description: Description, file: string): readonly Machine[] {
  const { setups } = description;
  if (setups.length === 0) throw new InputError(file, null, 'expected "setup" lines that name the devices');
  const smmus = smmusOf(description);
  const name = smmus.length === 1 ? 'one-smmu' : smmus.length === 2 ? 'two-smmus' : `${smmus.length}-smmus`;
  const unusual = smmus.map(({ registers }) => unusualOf(registers)).filter((text) => text !== '');
  const suffix = unusual.length === 0 ? '' : `, ${[...new Set(unusual)].join('; ')}`;
  // Only behind an SMMUv3 it matters what firmware says of coherence.
  const said =
    setups.every(({ canwbs }) => canwbs !== undefined) ||
    smmus.every(({ registers }) => registers !== null && registers.kind !== 'smmuv3');
  return (said ? [true] : [true, false]).map((canwbs) => ({
    name: `${name}${canwbs ? '' : '-no-canwbs'}${suffix}`,
    platform: platformOf(description, smmus, canwbs, name),
  }));
}

/** One SMMU, and the devices behind it. */
interface Found {
  readonly registers: Registers | null;
  readonly bdfs: readonly string[];
}

/**
 * Devices are behind one SMMU unless the recording says otherwise, or GET_HW_INFO shows other registers, or they are on
 * the bus that the known machine has its second SMMU in front of.
 */
function smmusOf({ setups, registers }: Description): readonly Found[] {
  const found = new Map<string, { registers: Registers | null; bdfs: string[] }>();
  for (const { bdf, smmu: said } of setups) {
    const shown = registers.get(bdf) ?? null;
    const key = said === undefined ? `bus ${busOf(bdf) === SECOND_SMMU_BUS}` : `said ${said}`;
    const same = [...found].find(
      ([other, { registers: theirs }]) =>
        (other === key || other.startsWith(`${key},`)) &&
        (shown === null || theirs === null || keyOf(shown) === keyOf(theirs)),
    );
    if (same === undefined)
      found.set(found.has(key) ? `${key}, ${bdf}` : key, { registers: shown, bdfs: [bdf] });
    else {
      same[1].registers ??= shown;
      same[1].bdfs.push(bdf);
    }
  }
  return [...found.values()];
}

function keyOf({ kind, idr, iidr, aidr, vtd }: Registers): string {
  return [kind, ...idr, iidr, aidr, vtd?.cap ?? 0, vtd?.ecap ?? 0].join();
}

/** In what an SMMU differs from the known machine's. */
function unusualOf(registers: Registers | null): string {
  if (registers === null) return '';
  if (registers.vtd !== undefined)
    return `VT-d CAP=0x${registers.vtd.cap.toString(16)} ECAP=0x${registers.vtd.ecap.toString(16)}`;
  if (registers.kind !== 'smmuv3') return 'an IOMMU of another kind';
  const known = smmu('');
  const parts = registers.idr.flatMap((value, at) =>
    value === known.idr[at] ? [] : [`IDR${at}=0x${value.toString(16).padStart(8, '0')}`],
  );
  if (registers.iidr !== known.iidr) parts.push(`IIDR=0x${registers.iidr.toString(16)}`);
  if (registers.aidr !== known.aidr) parts.push(`AIDR=0x${registers.aidr.toString(16)}`);
  return parts.join(' ');
}

function platformOf(
  { setups, memory, pageSize, hugePages, hasContainers }: Description,
  smmus: readonly Found[],
  canwbs: boolean,
  name: string,
): Platform {
  const platform: Platform = {
    name,
    numbersPages: true,
    kernel: kernel({ capSysResource: true, pageSize: pageSize ?? 0x1000n, hugePages: hugePages ?? false }),
    iommus: smmus.map(({ registers }, at): IommuHardware => ({ ...smmu(`smmu${at}`), ...registers })),
    devices: setups.map((setup) => deviceOf(setup, smmus, canwbs, setups)),
    its: [
      smmus.some(({ registers }) => registers !== null && registers.kind !== 'smmuv3')
        ? APIC
        : { doorbell: DOORBELL },
    ],
    vms: ['process'],
    userMemory: memory.length === 0 ? [USER_MEMORY] : merged(memory),
  };
  return hasContainers ? { ...platform, legacy: containersOf(platform) } : platform;
}

/** Regions side by side are one to whoever pins pages. */
function merged(memory: readonly UserMemory[]): readonly UserMemory[] {
  const regions: UserMemory[] = [];
  for (const region of [...memory].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const before = regions.at(-1);
    if (before !== undefined && before.last + 1n === region.start && before.writable === region.writable)
      regions[regions.length - 1] = { ...before, last: region.last };
    else regions.push(region);
  }
  return regions;
}

function busOf(bdf: string): number {
  return Number.parseInt(bdf.slice(5, 7), 16);
}

function deviceOf(
  setup: Setup,
  smmus: readonly Found[],
  canwbs: boolean,
  setups: readonly Setup[],
): DeviceHardware {
  const { bdf, grp } = setup;
  const bus = busOf(bdf);
  const slot = Number.parseInt(bdf.slice(8, 10), 16);
  const requesterId = (bus << 8) | (slot << 3) | Number.parseInt(bdf.slice(11), 8);
  const bridged = bus === CONVENTIONAL_PCI_BUS;
  // Behind a bridge, and alone there: the bus can be reset.
  const alone = bridged && setups.filter((other) => busOf(other.bdf) === bus).length === 1;
  return {
    id: bdf,
    iommu: smmus.findIndex(({ bdfs }) => bdfs.includes(bdf)),
    group: Number.parseInt(grp, 10),
    streamIds: setup.streams ?? (bridged ? [requesterId, bus << 8] : [requesterId]),
    canwbs: setup.canwbs ?? canwbs,
    bar0Size: setup.bar0 ?? BAR0_SIZE,
    msiVectors: setup.msi ?? 1,
    its: 0,
    configSize: setup.config ?? CONVENTIONAL_CONFIG,
    vfioResets: setup.reset === undefined ? alone : setup.reset !== '',
    ...(setup.intx === undefined ? {} : { intx: setup.intx > 0 }),
    ...(setup.pasid === undefined ? {} : { pasidBits: setup.pasid }),
    ...(setup.ats === undefined ? {} : { ats: setup.ats }),
  };
}
