import { UsageError } from './usage-error.ts';

/**
 * What a program passes where rules or a trace belong is often what `selectRules` or `readTraceFile` gave, a promise,
 * not awaited. TypeScript says so, JavaScript would fail somewhere in the model.
 * @throws UsageError that says what to await.
 */
export function expectAwaited(value: unknown, what: string, from: string): void {
  const isPromise = typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
  if (isPromise) throw new UsageError(`expected ${what}, got a promise: await ${from}`);
  if (typeof value !== 'object' || value === null)
    throw new UsageError(`expected ${what}, got ${String(typeof value)}: was ${from} awaited?`);
}
