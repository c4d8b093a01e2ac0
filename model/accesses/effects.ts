export {};

declare module '../world/result.ts' {
  interface Effects {
    /** A driver used its access while that was on no IOAS: the kernel read through a null pointer. */
    nothingUsed: { readonly mdev: number };
  }
}
