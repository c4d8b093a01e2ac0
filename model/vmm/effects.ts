import type { Command } from '../world/command.ts';

declare module '../world/result.ts' {
  interface Effects {
    /** A guest's command left the queue of its vSMMU, or stopped it. What the VMM did for it stands before. */
    guestCommand: {
      readonly vm: string;
      readonly vsmmu: number;
      readonly words: readonly [bigint, bigint];
      readonly done: boolean;
    };
    /** A VMM called the kernel. What that did follows. */
    vmmCall: { readonly command: Command; readonly result: Result };
    /** Why a VMM refuses; what it calls after that takes back what it did before. */
    vmmRefusal: { readonly reason: string };
  }
}
