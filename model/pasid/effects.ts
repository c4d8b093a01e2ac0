export {};

declare module '../world/result.ts' {
  interface Effects {
    /** What a guest did went to its VMM. */
    trapped: { readonly unit: number };
    /** A VMM wrote descriptors into a table that it keeps for one of a guest's PASIDs. */
    shadowWritten: { readonly unit: number; readonly pasid: number; readonly descriptors: number };
  }
}
