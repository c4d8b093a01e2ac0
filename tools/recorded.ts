import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '../checker/pages/markdown.ts';
import { type KnownOutcomes, recordedPage } from '../checker/pages/recorded.ts';
import { tally } from '../conformance/linux/tally.ts';
import { ALL_IOCTLS, isIoctl } from '../model/world/command.ts';
import { LEGACY_OUTCOMES } from '../workload/coverage/legacy-outcomes.ts';
import type { Outcomes } from '../workload/coverage/outcome.ts';
import { OUTCOMES } from '../workload/coverage/outcomes.ts';
import { ROOT } from './committed.ts';

const FOLDER = join(ROOT, 'conformance/recordings/linux-7.2.13');

/** The table of what is held by what, counted from the recordings. */
export async function recordedPages(): Promise<readonly Page[]> {
  const names = await readdir(FOLDER, { recursive: true });
  const files = names
    .filter((name) => /\.jsonl(\.gz)?$/.test(name) && !name.startsWith('not-replayable'))
    .sort()
    .map((name) => ({ path: join(FOLDER, name), name: shortName(name) }));
  const known: KnownOutcomes[] = Object.entries({ ...OUTCOMES, ...LEGACY_OUTCOMES } as Record<
    string,
    Outcomes
  >)
    .filter(([command]) => isIoctl(command) || command in LEGACY_OUTCOMES)
    .filter(([command]) => !OTHERS.has(command))
    .map(([command, outcomes]) => ({
      call: isIoctl(command) ? ALL_IOCTLS[command].name : command,
      outcomes,
    }));
  return [recordedPage(await tally(files), known)];
}

/** What hosts and devices do beside containers is no call that a process could record. */
const OTHERS: ReadonlySet<string> = new Set([
  'fireMsi',
  'legacyDma',
  'hostDriverBind',
  'hostDriverUnbind',
  'hostDriverSetIrqs',
  'groupBeginSetIrqs',
  'groupEndSetIrqs',
  'groupSetIrqs',
]);

/** `smmuv3-wide-walks.jsonl.gz` is `wide-walks`; all of a folder are told together. */
function shortName(name: string): string {
  const folder = name.indexOf('/');
  return folder >= 0 ? name.slice(0, folder) : name.replace(/^smmuv3-/, '').replace(/\.jsonl(\.gz)?$/, '');
}
