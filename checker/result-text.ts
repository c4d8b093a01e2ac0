import type { Out, Result } from '../model/world/result.ts';
import { toJson } from './trace/values.ts';

/** Numbers and 64-bit values are equal where their values are, however wide the recording has them. */
export function sameResult(a: Result, b: Result): boolean {
  if (a.ok !== b.ok || (!a.ok && !b.ok && a.errno !== b.errno)) return false;
  const names = new Set([...Object.keys(a.out), ...Object.keys(b.out)]);
  return [...names].every((name) => sameOutput(a.out[name], b.out[name]));
}

function sameOutput(a: Out[string] | undefined, b: Out[string] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (typeof a === 'object' || typeof b === 'object') return String(toJson(a)) === String(toJson(b));
  return BigInt(a) === BigInt(b);
}

/** `ok outIoasId=1`, `EINVAL`. */
export function resultText(result: Result): string {
  const fields = Object.keys(result.out)
    .sort()
    .map((name) => ` ${name}=${String(toJson(result.out[name] as Out[string]))}`);
  return (result.ok ? 'ok' : result.errno) + fields.join('');
}
