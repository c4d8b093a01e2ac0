import { MAX_ENTRIES } from '../../spec/iommufd/constants.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function excess({ before, command }: Transition): string | null {
  if (command.command !== 'hwptInvalidate') return null;
  const { entryNum, entryLen } = command.args;
  const { pageSize } = before.platform.kernel;
  if (entryNum > MAX_ENTRIES) return `an array of ${entryNum} entries`;
  return entryNum > 0 && BigInt(entryLen) > pageSize ? `entries of ${entryLen} bytes` : null;
}

export const oneCallIsBounded: StepProperty = {
  id: 'one-call-is-bounded',
  sentence:
    'HWPT_INVALIDATE refuses an array of more than 2^19 entries, or of entries longer than a page, before it reads it.',
  source: 'iommufd: Set upper bounds on cache invalidation entry_num and entry_len (2026-06); rule R-28',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'invalidation-unbounded',
  violated(transition) {
    const { result } = transition;
    const what = excess(transition);
    // Before the bounds come the descriptor and the struct; behind them, only what reads the array.
    if (what === null || (!result.ok && UNREAD.has(result.errno))) return null;
    return `the kernel went into ${what} (${result.ok ? 'ok' : result.errno})`;
  },
  witness: (transition) => excess(transition) !== null && !transition.result.ok,
};

const UNREAD: ReadonlySet<string> = new Set(['EBADF', 'ENOTTY', 'E2BIG', 'EINVAL', 'EOPNOTSUPP']);
