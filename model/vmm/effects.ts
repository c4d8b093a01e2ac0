import type { Command } from '../world/command.ts';

declare module '../world/result.ts' {
  interface Effects {
    /** A VMM called the kernel. What that did follows. */
    vmmCall: { readonly command: Command; readonly result: Result };
    /** Why a VMM refuses; what it calls after that takes back what it did before. */
    vmmRefusal: { readonly reason: string };
  }
}
