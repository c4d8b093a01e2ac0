import { idRegistersOf } from '../../model/platform/id-registers.ts';
import { isEnabled, steInMemory } from '../../model/vmm/stream.ts';
import type { SteFound } from '../../model/vmm/table.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { type IdRegisterValues, idr0 } from '../../spec/smmuv3/id-registers.ts';
import { gbpa } from '../../spec/smmuv3/registers.ts';
import { meaningsOfSte, type SteMeaning } from '../../spec/vsmmu/guest-ste.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import { objectOf } from '../look.ts';
import type { Placed } from './look.ts';

/** What traffic of a stream meets: `abort`, `bypass`, or `stage 1 by 0x…,0x…` with what of the STE means something. */
export type Treatment = string;

const ABORT: Treatment = 'abort';
const BYPASS: Treatment = 'bypass';

function stage1(words: Words): Treatment {
  return `stage 1 by 0x${(words[0] ?? 0n).toString(16)},0x${(words[1] ?? 0n).toString(16)}`;
}

/** EATS means nothing to a device without an ATC, or before a pSMMU without ATS. */
const EATS = ~(3n << 28n);

function isAts({ hardware, psmmu }: Placed): boolean {
  const { ATS } = decode(idr0, [BigInt(idRegistersOf(psmmu).IDR0)]);
  return hardware.ats === true && ATS === 1;
}

function treatmentOf(meaning: SteMeaning, ats: boolean): Treatment {
  switch (meaning.kind) {
    case 'abort':
    case 'invalid':
    case 'illegal':
      return ABORT;
    case 'bypass':
      return BYPASS;
    case 'translate':
      return stage1([meaning.words[0], ats ? meaning.words[1] : meaning.words[1] & EATS]);
  }
}

/** What an entry says by the ID registers that the guest sees; where the architecture leaves it open, all that it can. */
function treatmentsOf(found: SteFound, registers: IdRegisterValues, ats: boolean): readonly Treatment[] {
  if (found === 'missing' || found === 'abort') return [ABORT];
  return meaningsOfSte(found, registers).map((meaning) => treatmentOf(meaning, ats));
}

/**
 * What a guest asked for a stream. Until a CFGI command of it and a SYNC the entry that was there before a store may be
 * cached, and is right too; what the VMM has read of the table makes no difference.
 */
export function askedTreatments(world: World, placed: Placed): readonly Treatment[] {
  const { vsmmu, device, vm } = placed;
  if (!isEnabled(vsmmu)) return [decode(gbpa, [BigInt(vsmmu.gbpa)]).ABORT === 1 ? ABORT : BYPASS];
  const registers = vsmmu.registers ?? EMULATED_REGISTERS;
  const ats = isAts(placed);
  const entries = [
    steInMemory(world, world.vms.indexOf(vm), vsmmu, device.vsid),
    ...device.held.old,
    ...device.held.going,
  ];
  return [...new Set(entries.flatMap((entry) => treatmentsOf(entry, registers, ats)))];
}

/** What the kernel has the device on. A device on an IOAS or a paging HWPT reaches all of it: bypass. */
export function actualTreatment(world: World, placed: Placed): Treatment {
  const domain = world.groups[placed.hardware.group]?.domain;
  if (domain?.kind !== 'hwpt') return ABORT;
  const context = world.contexts[domain.ctx] ?? null;
  const hwpt = context === null ? null : objectOf(context, domain.hwpt, 'hwptNested');
  if (hwpt === null) return BYPASS;
  if (hwpt.domain.config !== 's1Translate') return hwpt.domain.config;
  const psmmu = idRegistersOf(placed.psmmu);
  const [meaning] = meaningsOfSte(hwpt.domain.ste, psmmu);
  return meaning === undefined ? ABORT : treatmentOf(meaning, isAts(placed));
}
