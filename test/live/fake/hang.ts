/** When a program is taken to hang: one that does answer does so sooner, also on a busy machine. */
export const SILENCE_MS = 60_000;

/** The same of one that does hang: what one that does not needs for a whole run, as busy as the machine is. */
export async function hangingMs(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return Math.min(2_500, Math.max(1_000, performance.now() - began));
}
