import type { Words } from '../../model/world/command.ts';
import { hasSmmu } from '../platforms.ts';
import type { Violation } from '../property.ts';
import { contextNumber } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';

/** Requests that the kernel had not come to; the one that it stopped at may be left out, since it is bad. */
interface Left {
  readonly count: number;
  /** What a call that goes on begins with: the bad request, or the one behind it. */
  readonly starts: readonly string[];
}

const WORD = 8;

function entriesOf(data: Words, length: number): readonly string[] {
  const words = Math.max(1, Math.floor(length / WORD));
  const entries: string[] = [];
  for (let at = 0; at + words <= data.length; at += words) entries.push(data.slice(at, at + words).join());
  return entries;
}

export const vmmResumesInvalidations: CallsProperty = {
  kind: 'calls',
  id: 'vmm-resumes-invalidations',
  sentence:
    'When HWPT_INVALIDATE handles fewer requests than it was given (entry_num), the VMM goes on with the rest: none is lost.',
  source:
    'iommufd.h: struct iommu_hwpt_invalidate, entry_num; IHI0070 4.4 (a command queue stops at an illegal command)',
  appliesTo: hasSmmu,
  brokenBy: 'loses-invalidations',
  watch: () => {
    const left = new Map<string, Left>();
    const lost = (key: string, how: string): Violation => {
      const rest = left.get(key);
      left.delete(key);
      return rest === undefined
        ? null
        : `${rest.count} request${rest.count === 1 ? '' : 's'} of an array that the kernel did not finish ${how}`;
    };
    return watchCalls(({ before, command, result }, witness) => {
      if (command.command === 'exit' && !command.args.killed)
        for (const key of left.keys()) return lost(key, 'were never made: the VMM has ended');
      if (command.command === 'destroy' && result.ok) {
        const ctx = contextNumber(before, command.actor, command.args.fd);
        return lost(`${ctx}/${command.args.id}`, 'were never made: what they were for is destroyed');
      }
      if (command.command !== 'hwptInvalidate') return null;
      const { fd, hwptId, data, entryLen, entryNum } = command.args;
      const key = `${contextNumber(before, command.actor, fd)}/${hwptId}`;
      const entries = entriesOf(data ?? [], entryLen);
      const rest = left.get(key);
      const goesOn = rest === undefined || rest.starts.includes(entries[0] ?? '');
      const violation = goesOn ? null : lost(key, 'were not made before the next ones');
      left.delete(key);
      const handled = Number(result.out.entryNum ?? (result.ok ? entryNum : 0));
      if (handled < entryNum) {
        witness();
        const [bad = '', next] = entries.slice(handled);
        // Where only the bad request is left, nothing is lost with it.
        if (next !== undefined) left.set(key, { count: entryNum - handled - 1, starts: [bad, next] });
      }
      return violation;
    });
  },
};
