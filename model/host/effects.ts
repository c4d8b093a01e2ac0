export {};

declare module '../world/result.ts' {
  interface Effects {
    /** The host took a device away and found it again. */
    rescanned: { readonly device: number };
  }
}
