import type { EmulatedHardware, GuestWords } from '../../model/platform/emulated.ts';
import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import type { GuestMemory } from '../../model/platform/guest-memory.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { ID_REGISTER_NAMES } from '../../spec/smmuv3/id-registers.ts';
import { emulatedPlatform } from '../../workload/scopes/emulated.ts';
import { emulatedVtdPlatform } from '../../workload/scopes/emulated-vtd.ts';
import { hexOf } from './hex-of.ts';
import type { EmulatedStart } from './lines.ts';

const LINE = { seq: 0, section: 'live' } as const;

type SmmuStart = Extract<EmulatedStart, { ev: 'emulated-smmu' }>;
type VtdStart = Extract<EmulatedStart, { ev: 'emulated-vtd' }>;

/** The first line of a recording of a platform with an emulated IOMMU. */
export function startLine({ emulated, emulatedVtd }: Platform): EmulatedStart {
  if (emulated !== undefined) return smmuStart(emulated);
  if (emulatedVtd !== undefined) return vtdStart(emulatedVtd);
  throw new Error('a platform with an emulated IOMMU');
}

/** The platform that a recording describes. */
export function platformOf(start: EmulatedStart): Platform {
  return start.ev === 'emulated-smmu'
    ? emulatedPlatform(smmuHardware(start))
    : emulatedVtdPlatform(vtdHardware(start));
}

function smmuStart({ registers, ...memory }: EmulatedHardware): SmmuStart {
  return {
    ...{ ...LINE, ev: 'emulated-smmu' },
    registers: Object.fromEntries(
      ID_REGISTER_NAMES.map((name) => [name, hexOf(registers[name])]),
    ) as SmmuStart['registers'],
    ...memoryLine(memory),
  };
}

function smmuHardware({ registers, ram, memory }: SmmuStart): EmulatedHardware {
  return {
    registers: Object.fromEntries(
      ID_REGISTER_NAMES.map((name) => [name, Number(registers[name])]),
    ) as unknown as EmulatedHardware['registers'],
    ...memoryOf({ ram, memory }),
  };
}

function vtdStart({ cap, ecap, hostAddressWidth, sourceIds, ...memory }: EmulatedVtdHardware): VtdStart {
  return {
    ...{ ...LINE, ev: 'emulated-vtd', hostAddressWidth, sources: [...sourceIds] },
    registers: { CAP: hexOf(cap), ECAP: hexOf(ecap) },
    ...memoryLine(memory),
  };
}

function vtdHardware({ registers, hostAddressWidth, sources, ...memory }: VtdStart): EmulatedVtdHardware {
  const { CAP, ECAP } = registers;
  return { cap: BigInt(CAP), ecap: BigInt(ECAP), hostAddressWidth, sourceIds: sources, ...memoryOf(memory) };
}

const EVERYWHERE = { first: 0n, end: (1n << 64n) - 1n } as const;

function memoryLine({
  ram = EVERYWHERE,
  memory,
}: GuestMemory & { readonly memory: GuestWords }): Pick<EmulatedStart, 'ram' | 'memory'> {
  const { first, end, stamped } = ram;
  return {
    ram: {
      ...{ first: hexOf(first), end: hexOf(end) },
      ...(stamped === undefined ? {} : { stamped: { first: hexOf(stamped.first), end: hexOf(stamped.end) } }),
    },
    memory: Object.fromEntries(Object.entries(memory).map(([at, word]) => [`0x${at}`, hexOf(word)])),
  };
}

function memoryOf({ ram, memory }: Pick<EmulatedStart, 'ram' | 'memory'>) {
  const rangeOf = ({ first, end }: { readonly first: string; readonly end: string }) => ({
    first: BigInt(first),
    end: BigInt(end),
  });
  const words: GuestWords = Object.fromEntries(
    Object.entries(memory).map(([at, word]) => [at.slice(2), BigInt(word)]),
  );
  const stamped = ram.stamped === undefined ? {} : { stamped: rangeOf(ram.stamped) };
  return { memory: words, ram: { ...rangeOf(ram), ...stamped } };
}
