import { decode } from '../../../spec/bits.ts';
import { Eats, ste } from '../../../spec/smmuv3/ste.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import { remember } from '../../world/memo.ts';
import { smmuArchitectureIntended } from '../architecture/rules.ts';
import { type ContextTable, decodeSte } from '../architecture/ste.ts';
import { implementationFor } from './streams.ts';

/** What an STE makes of its stream, as far as the abstract machine goes. */
export type StreamEntry =
  | { readonly kind: 'abort' }
  | { readonly kind: 'bypass' }
  /** C_BAD_STE. */
  | { readonly kind: 'bad' }
  /** The host's own stage 1; its CD lies at `pointer`. */
  | { readonly kind: 'stage1'; readonly pointer: bigint; readonly ats: boolean }
  | { readonly kind: 'stage2'; readonly vmid: number; readonly table: bigint; readonly ats: boolean }
  | {
      readonly kind: 'nested';
      readonly vmid: number;
      readonly table: bigint;
      readonly contexts: ContextTable;
      /** STE.EATS: ATS requests are answered and translated requests go through. */
      readonly ats: boolean;
    };

const known = new WeakMap<IommuHardware, Map<string, StreamEntry>>();

/** Whether a stream under an entry may use ATS. In bypass and abort STE.EATS counts for nothing (IHI0070 5.2). */
export function allowsAts(entry: StreamEntry): boolean {
  return 'ats' in entry && entry.ats;
}

/** Decodes an STE by the architecture's own rules, each different entry once. */
export function streamEntryOf(hardware: IommuHardware, key: string, words: Words): StreamEntry {
  let entries = known.get(hardware);
  if (entries === undefined) {
    entries = new Map();
    known.set(hardware, entries);
  }
  return entries.get(key) ?? remember(entries, key, decodeEntry(hardware, words));
}

function decodeEntry(hardware: IommuHardware, words: Words): StreamEntry {
  const decoded = decodeSte(words, implementationFor(hardware), smmuArchitectureIntended);
  switch (decoded.kind) {
    case 'abort':
    case 'bypass':
      return { kind: decoded.kind };
    case 'translate': {
      const { contexts, stage2, vmid } = decoded;
      const ats = decode(ste, words).EATS === Eats.Translated;
      if (stage2 === null) return { kind: 'stage1', pointer: contexts?.pointer ?? 0n, ats };
      if (contexts === undefined) return { kind: 'stage2', vmid, table: stage2.table, ats };
      return { kind: 'nested', vmid, table: stage2.table, contexts, ats };
    }
    default:
      // The driver writes no entry that the architecture layer refuses to walk (52-bit addresses, AArch32).
      return { kind: 'bad' };
  }
}
