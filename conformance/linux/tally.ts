import { errnoName } from '../../spec/errno.ts';
import { readLines } from '../read-lines.ts';
import type { Line as SelftestLine } from '../selftests/lines.ts';
import { kernelLineOf } from '../selftests/process.ts';
import { isTest, testOf } from '../selftests/test-codec.ts';
import { ioctlOf, type On } from './ioctl-codec.ts';

/** Recorded answers: by call, by outcome (`ok` or an error's name), by file, how many. */
export type Tally = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;

/** A line of any recording, as far as it is counted; only lines that a replay has read come here. */
interface Counted {
  readonly ev: string;
  readonly fd?: number;
  readonly nr?: string;
  readonly path?: string;
  readonly ret?: number;
  readonly errno?: number;
  readonly what?: string;
  readonly real?: string;
}

/** Calls that are counted by their name alone. */
const PLAIN: ReadonlySet<string> = new Set([
  'close',
  'dup',
  'read',
  'write',
  'poll',
  'load',
  'msi',
  'transfer',
]);

/** Counts the answers of recordings; `name` is what the counts are told under. */
export async function tally(
  files: readonly { readonly path: string; readonly name: string }[],
): Promise<Tally> {
  const counts = new Map<string, Map<string, Map<string, number>>>();
  for (const { path, name } of files) {
    const devices = new Set<number>();
    for await (const { text } of readLines(path)) {
      const line = countedOf(JSON.parse(text) as Counted | SelftestLine);
      if (line.ev === 'open' && line.ret !== undefined) {
        if (line.path?.startsWith('/dev/vfio/devices/') === true) devices.add(line.ret);
        else devices.delete(line.ret);
      }
      const call = callOf(line, devices.has(line.fd ?? -1) ? 'device' : 'iommufd');
      if (call === null) continue;
      const byOutcome = counts.get(call) ?? new Map<string, Map<string, number>>();
      counts.set(call, byOutcome);
      const outcome = outcomeOf(line);
      const byFile = byOutcome.get(outcome) ?? new Map<string, number>();
      byOutcome.set(outcome, byFile);
      byFile.set(name, (byFile.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** Lines of selftests have short keys, and one number for all of their own operations. */
function countedOf(line: Counted | SelftestLine): Counted {
  if (!('e' in line)) return line;
  const { f: fd, x: errno = 0 } = line;
  const ret = typeof line.v === 'number' ? line.v : errno === 0 ? 0 : -1;
  if (line.e !== 'ioctl') return { ev: line.e, fd, ret, errno, path: '/dev/iommu' };
  if (isTest(line)) return { ev: 'test', what: testOf(line)?.name ?? 'IOMMU_TEST_CMD', ret, errno };
  return { ev: 'ioctl', fd, nr: kernelLineOf(line).nr, ret, errno };
}

function callOf(line: Counted, on: On): string | null {
  if (line.ev === 'ioctl') return ioctlOf(line.nr ?? '', on)?.name ?? 'an unknown ioctl';
  if (line.ev === 'legacy') return line.what?.split(' ')[0] ?? null;
  if (line.ev === 'test') return line.what ?? null;
  if (line.ev === 'open') return line.path === '/dev/iommu' ? 'open /dev/iommu' : 'open of other files';
  return PLAIN.has(line.ev) ? line.ev : null;
}

function outcomeOf({ ev, errno = 0, real, ret = 0 }: Counted): string {
  if (ev === 'legacy') return real ?? 'ok';
  return ret >= 0 ? 'ok' : (errnoName(errno) ?? `errno ${errno}`);
}
