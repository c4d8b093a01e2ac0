import type { Words } from '../../world/command.ts';

declare module '../../world/result.ts' {
  interface Effects {
    /** The driver wrote a stream table entry, piece by piece of 64 bits. */
    steWritten: { readonly smmu: number; readonly streamId: number; readonly words: Words };
    /** The driver wrote an STE or a CD, and has filled these tables (by address) with no barrier in between. */
    entryWrittenEarly: {
      readonly words: Words;
      readonly of: 'ste' | 'cd';
      readonly tables: readonly bigint[];
    };
    /** The driver switched a pSMMU on or off (CR0.SMMUEN), or said what becomes of traffic while it is off (GBPA.ABORT). */
    registersWritten: { readonly smmu: number; readonly enabled: boolean; readonly aborts: boolean };
    /** An event of a device found its pSMMU's queue full. */
    eventLost: { readonly device: number; readonly words: Words };
  }
}
