import type { Leaf } from '../architecture/descriptor.ts';
import { type Fault, translationFault } from '../architecture/outcome.ts';
import { type Stage2Request, walkStage2 } from '../architecture/stage2.ts';
import type { Stage2Configuration } from '../architecture/stage2-configuration.ts';
import { structureAt } from '../driver/layout.ts';
import { everyWay } from './choices.ts';
import { type Tagged, usableUntil } from './flushes.ts';
import { type AreaGone, entriesOf, type History } from './history.ts';
import { changesOf, valuesSince } from './memory-view.ts';
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
  const fetched = new Set<bigint>();
  const noting = (address: bigint): bigint | undefined => {
    fetched.add(address);
    return read(address);
  };
  const options: Option[] = [{ result: walkStage2(stage2, ipa, request, noting, rules), stale: false }];
  const tagged: Tagged = { smmu, vmid: stage2.vmid, asid: undefined, input: ipa, granule: stage2.granule };
  if (changesOf(history, fetched, -1).length > 0)
    addFormer(options, setting, stage2, ipa, request, tagged, since);
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

/** What descriptors gave that were in memory once, as long as no invalidation has ended their use. */
function addFormer(
  options: Option[],
  setting: Setting,
  stage2: Stage2Configuration,
  ipa: bigint,
  request: Stage2Request,
  tagged: Tagged,
  since: number,
): void {
  const { history, read, rules, budget } = setting;
  const ways = everyWay((choose) => {
    let stale = false;
    const readAny = (address: bigint): bigint | undefined => {
      const [present, ...older] = valuesSince(history, read, address, -1);
      const usable = older.filter(
        ({ value = 0n, until }) => (value & 1n) === 1n && usableUntil(history, tagged, until) >= since,
      );
      const chosen = usable.length === 0 ? 0 : choose(usable.length + 1);
      if (chosen > 0) stale = true;
      return chosen === 0 ? present?.value : usable[chosen - 1]?.value;
    };
    return { result: walkStage2(stage2, ipa, request, readAny, rules), stale };
  }, budget);
  for (const option of ways) {
    // No fault but that of a permission is known from a cache.
    if (option.stale && option.result.kind === 'fault' && option.result.name !== 'F_PERMISSION') continue;
    if (!options.some(({ result }) => sameResult(result, option.result))) options.push(option);
  }
}

function sameResult(a: Leaf | Fault, b: Leaf | Fault): boolean {
  if (a.kind === 'leaf')
    return b.kind === 'leaf' && a.output === b.output && a.read === b.read && a.write === b.write;
  return b.kind === 'fault' && a.name === b.name;
}
