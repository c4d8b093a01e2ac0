import { decode } from '../../spec/bits.ts';
import { cr0, gbpa } from '../../spec/smmuv3/registers.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import type { Words } from '../world/command.ts';
import type { GuestSte, Vsmmu } from './vm.ts';

/** What a guest asks for a stream: no traffic, traffic without stage 1, or its own stage 1 with this STE. */
export type Asked =
  | { readonly kind: 'abort' }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'translate'; readonly words: Words };

export const ASKS_ABORT: Asked = Object.freeze({ kind: 'abort' });
export const ASKS_BYPASS: Asked = Object.freeze({ kind: 'bypass' });

export function isEnabled(vsmmu: Vsmmu): boolean {
  return decode(cr0, [BigInt(vsmmu.cr0)]).SMMUEN === 1;
}

/** What GBPA says, while SMMUEN is 0. */
export function askedByGbpa(vsmmu: Vsmmu): Asked {
  return decode(gbpa, [BigInt(vsmmu.gbpa)]).ABORT === 1 ? ASKS_ABORT : ASKS_BYPASS;
}

export function steOf(vsmmu: Vsmmu, vsid: number): GuestSte | null {
  return vsmmu.stes.find((entry) => entry.vsid === vsid) ?? null;
}

/** What CR0, GBPA and the STE as the vSMMU last read it say of a stream (IHI0070 6.3.9, 5.2). */
export function askedOf(vsmmu: Vsmmu, vsid: number): Asked {
  if (!isEnabled(vsmmu)) return askedByGbpa(vsmmu);
  const words = steOf(vsmmu, vsid)?.read ?? null;
  if (words === null) return ASKS_ABORT;
  const { V, Config } = decode(ste, words);
  if (V === 0 || (Config & SteConfig.Bypass) === 0) return ASKS_ABORT;
  return Config === SteConfig.Bypass ? ASKS_BYPASS : { kind: 'translate', words };
}

/** The stream table with these entries read from memory. */
export function readStes(vsmmu: Vsmmu, isRead: (vsid: number) => boolean): readonly GuestSte[] {
  return vsmmu.stes.map((entry) =>
    entry.read !== entry.memory && isRead(entry.vsid) ? { ...entry, read: entry.memory } : entry,
  );
}
