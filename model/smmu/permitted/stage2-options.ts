import type { Leaf } from '../architecture/descriptor.ts';
import { type Fault, translationFault } from '../architecture/outcome.ts';
import { type Stage2Request, walkStage2 } from '../architecture/stage2.ts';
import type { Stage2Configuration } from '../architecture/stage2-configuration.ts';
import { structureAt } from '../driver/layout.ts';
import { type Tagged, usableUntil } from './flushes.ts';
import { type AreaGone, entriesOf, type History } from './history.ts';
import type { Setting } from './setting.ts';

const PAGE_SHIFT = 12;
const LAST_LEVEL = 3;

/** What a translation by the driver's tables may give. */
export interface Option {
  readonly result: Leaf | Fault;
  readonly stale: boolean;
}

/** Ranges that a domain mapped once, over an input address, the latest first. */
export function* formerAreas(history: History, table: bigint, input: bigint): Generator<AreaGone> {
  const structure = structureAt(table);
  if (structure?.kind !== 'table') return;
  for (const gone of entriesOf(history.areas)) {
    if (gone.place === structure.place && gone.area.start <= input && input <= gone.area.last) yield gone;
  }
}

/** The page that a former mapping gave. */
export function formerLeaf(setting: Setting, { area }: AreaGone, input: bigint): Leaf | null {
  const output = setting.pageOf(area, input);
  if (output === null) return null;
  const { readable: read, writeable: write } = area;
  return { kind: 'leaf', output, shift: PAGE_SHIFT, level: LAST_LEVEL, granule: PAGE_SHIFT, read, write };
}

/**
 * What stage 2 may give for an IPA to whoever could still use at time `since` what it had cached: the present tables, and
 * every former mapping that no invalidation ended before.
 */
export function stage2Options(
  setting: Setting,
  stage2: Stage2Configuration,
  ipa: bigint,
  request: Stage2Request,
  since: number,
): readonly Option[] {
  const { history, smmu, read, rules } = setting;
  const options: Option[] = [{ result: walkStage2(stage2, ipa, request, read, rules), stale: false }];
  const tagged: Tagged = { smmu, vmid: stage2.vmid, asid: undefined, input: ipa };
  for (const gone of formerAreas(history, stage2.table, ipa)) {
    if (usableUntil(history, tagged, gone.until) < since) break;
    const leaf = formerLeaf(setting, gone, ipa);
    if (leaf === null) continue;
    const allowed = request.write ? leaf.write : leaf.read;
    const result = allowed ? leaf : translationFault('F_PERMISSION', 2, request.class, ipa, stage2.policy);
    if (!options.some((option) => sameResult(option.result, result))) options.push({ result, stale: true });
  }
  return options;
}

function sameResult(a: Leaf | Fault, b: Leaf | Fault): boolean {
  if (a.kind === 'leaf')
    return b.kind === 'leaf' && a.output === b.output && a.read === b.read && a.write === b.write;
  return b.kind === 'fault' && a.name === b.name;
}
