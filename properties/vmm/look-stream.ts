import type { Vsmmu } from '../../model/vmm/vm.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { cr0, gbpa } from '../../spec/smmuv3/registers.ts';
import { Eats, guestSteMask, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { objectOf } from '../look.ts';
import type { Placed } from './look.ts';

/** What traffic of a stream meets: `abort`, `bypass`, or `stage 1 by 0x…,0x…` with the STE's words. */
export type Treatment = string;

const ABORT: Treatment = 'abort';
const BYPASS: Treatment = 'bypass';

function stage1(words: Words): Treatment {
  return `stage 1 by 0x${(words[0] ?? 0n).toString(16)},0x${(words[1] ?? 0n).toString(16)}`;
}

/** What an STE says: reserved or foreign bits make it illegal, and then there is no traffic (IHI0070 5.2, C_BAD_STE). */
function treatmentOfSte(words: Words): Treatment {
  const { V, Config, EATS } = decode(ste, words);
  const foreign = words.some((word, index) => (word & ~(guestSteMask[index] ?? 0n)) !== 0n);
  if (V === 0 || foreign || EATS > Eats.Translated) return ABORT;
  if (Config === SteConfig.Bypass) return BYPASS;
  return Config === SteConfig.S1Trans ? stage1(words) : ABORT;
}

/**
 * What a guest asked for a stream. Between a store to the STE and its CFGI_STE both the old and the new one are
 * right: hardware may have read it or not. An entry that was never written is all zero.
 */
export function askedTreatments(vsmmu: Vsmmu, vsid: number): readonly Treatment[] {
  if (decode(cr0, [BigInt(vsmmu.cr0)]).SMMUEN === 0)
    return [decode(gbpa, [BigInt(vsmmu.gbpa)]).ABORT === 1 ? ABORT : BYPASS];
  const entry = vsmmu.stes.find((each) => each.vsid === vsid);
  if (entry === undefined) return [ABORT];
  const now = treatmentOfSte(entry.memory);
  const before = entry.read === null ? ABORT : treatmentOfSte(entry.read);
  return before === now ? [now] : [now, before];
}

/** What the kernel has the device on. A device on an IOAS or a paging HWPT reaches all of it: bypass. */
export function actualTreatment(world: World, { hardware }: Placed): Treatment {
  const domain = world.groups[hardware.group]?.domain;
  if (domain?.kind !== 'hwpt') return ABORT;
  const context = world.contexts[domain.ctx] ?? null;
  const hwpt = context === null ? null : objectOf(context, domain.hwpt, 'hwptNested');
  if (hwpt === null) return BYPASS;
  return hwpt.domain.config === 's1Translate' ? stage1(hwpt.domain.ste) : hwpt.domain.config;
}
