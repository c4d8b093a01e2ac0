import type { Line } from '../../conformance/vmm/lines.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { LiveSequence } from '../step.ts';
import { Guest } from './guest.ts';
import { type Cold, PORTS } from './machine.ts';
import { hexOf, lineOf, type Planned, type Seen } from './planned.ts';

/** A sequence as what is done to a machine and seen of it. */
export interface VmmPlan {
  readonly cold: readonly Cold[];
  readonly planned: readonly Planned[];
  /** Which step each came from; -1: the start. */
  readonly steps: readonly number[];
}

/** Devices that are plugged before the machine boots, and the steps behind that. */
export function startOf(sequence: LiveSequence): { readonly cold: readonly Cold[]; readonly from: number } {
  const boot = sequence.findIndex((step) => step.kind === 'call' && step.call.command === 'boot');
  const cold: Cold[] = [];
  for (const step of sequence.slice(0, Math.max(boot, 0))) {
    if (step.kind !== 'call' || step.call.command !== 'plug') continue;
    const { vsmmu = 0, device, port: named = '' } = step.call.args;
    const free = PORTS.filter((each) => each.vsmmu === vsmmu && !cold.some((other) => other.port === each));
    const port = free.find(({ id }) => id === named) ?? free[0];
    const isThere = cold.some((other) => other.device === device);
    if (port !== undefined && typeof device === 'string' && !isThere) cold.push({ device, port });
  }
  return { cold, from: boot + 1 };
}

export function planVmm(platform: Platform, rules: Rules, sequence: LiveSequence): VmmPlan {
  const { cold, from } = startOf(sequence);
  const guest = new Guest(platform, rules, cold);
  const planned = [...guest.start()];
  const steps = planned.map(() => from - 1);
  for (const [at, step] of sequence.entries()) {
    if (at < from) continue;
    for (const each of guest.take(step)) {
      planned.push(each);
      steps.push(at);
    }
  }
  return { cold, planned, steps };
}

/** What was seen, as a recording has it; null where the answers do not say. */
export function seenLine(seen: Seen, answers: readonly string[]): Line | null {
  const [first = ''] = answers;
  switch (seen.kind) {
    case 'read': {
      const value = numberIn(first);
      return value === null
        ? null
        : lineOf({ ev: 'guest-read', reg: seen.reg, smmu: seen.smmu, val: hexOf(value) });
    }
    case 'event': {
      const hex = bytesIn(first);
      return hex === null ? null : lineOf({ ev: 'guest-event', hex });
    }
    case 'landed': {
      const at = seen.places.findIndex((_, index) => bytesIn(answers[index] ?? '') !== seen.marker);
      const address = seen.places[at];
      return lineOf({
        ev: 'landed',
        iova: hexOf(seen.iova),
        where: address === undefined ? 'aborted' : placeName(address, seen.iova),
      });
    }
    case 'reply':
      return replyLine(first);
  }
}

/** As `conform` names the places where a device's write can land. */
function placeName(address: bigint, iova: bigint): string {
  if (address === iova) return 'untranslated';
  const page = address & ~0xfffn;
  if (page === 0x5100_1000n) return 'S1:A';
  if (page === 0x5100_2000n) return 'S1:B';
  return hexOf(address);
}

function numberIn(answer: string): bigint | null {
  const found = /^OK (0x[0-9a-f]{1,16})$/.exec(answer);
  return found === null ? null : BigInt(found[1] ?? '');
}

function bytesIn(answer: string): string | null {
  return /^OK 0x(([0-9a-f]{2})+)$/.exec(answer)?.[1] ?? null;
}

function replyLine(answer: string): Line | null {
  try {
    const reply: unknown = JSON.parse(answer);
    if (typeof reply !== 'object' || reply === null) return null;
    return lineOf({ ev: 'qmp-reply', r: [reply as Record<string, unknown>] });
  } catch {
    return null;
  }
}
