import type { Call } from '../model/call.ts';

/** One thing that a live run does: a call of the process, or what its memory and its devices do. */
export type LiveStep =
  | {
      readonly kind: 'call';
      readonly call: Call;
      /** The thread of the process that makes it, while others make theirs (`race.ts`); absent: nothing else runs. */
      readonly thread?: number;
    }
  | { readonly kind: 'store'; readonly va: bigint; readonly hex: string }
  | { readonly kind: 'load'; readonly va: bigint; readonly length: number }
  | {
      readonly kind: 'transfer';
      readonly device: string;
      readonly direction: 'from-mem' | 'to-mem';
      readonly iova: bigint;
      readonly length: number;
    }
  | { readonly kind: 'msi'; readonly device: string };

/** Steps that begin with nothing open; any subsequence of one is one. */
export type LiveSequence = readonly LiveStep[];

/** The same as it reads in reports and names of files. */
export function stepText(step: LiveStep): string {
  switch (step.kind) {
    case 'call': {
      const { command, args, as } = step.call;
      const listed = Object.entries(args).map(([name, value]) => `${name}=${valueText(value)}`);
      const by = step.thread === undefined ? '' : `[thread ${step.thread}] `;
      return `${by}${command}(${listed.join(', ')})${as === undefined ? '' : ` as ${as}`}`;
    }
    case 'store':
      return `store ${step.hex} at 0x${step.va.toString(16)}`;
    case 'load':
      return `load ${step.length} bytes at 0x${step.va.toString(16)}`;
    case 'transfer':
      return `${step.device} moves ${step.length} bytes ${step.direction} at 0x${step.iova.toString(16)}`;
    case 'msi':
      return `${step.device} raises its MSI`;
  }
}

function valueText(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'number') return value > 4096 ? `0x${value.toString(16)}` : String(value);
  if (Array.isArray(value)) {
    const words = value.slice(0, 8).map(valueText).join(' ');
    return `[${words}${value.length > 8 ? ` … ${value.length} words` : ''}]`;
  }
  return String(value);
}

/**
 * Whether nothing in it hangs on what an earlier run left: a device's buffer keeps its content, so what it writes must
 * have been read by it before.
 */
export function standsAlone(steps: LiveSequence): boolean {
  const filled = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== 'transfer') continue;
    const known = filled.get(step.device) ?? 0;
    if (step.direction === 'to-mem' && step.length > known) return false;
    if (step.direction === 'from-mem') filled.set(step.device, Math.max(known, step.length));
  }
  return true;
}
