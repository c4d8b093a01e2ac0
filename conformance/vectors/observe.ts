import type { ReadMemory64 } from '../../model/smmu/architecture/access.ts';
import { dataAccess } from '../../model/smmu/architecture/access.ts';
import type { Implementation } from '../../model/smmu/architecture/implementation.ts';
import type { Outcome, Unmodelled } from '../../model/smmu/architecture/outcome.ts';
import { eventWords } from '../../model/smmu/architecture/report.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import { translateThroughSte } from '../../model/smmu/architecture/translate.ts';
import { decodeEvent, events } from '../../spec/smmuv3/event.ts';
import type { VectorAccess, VectorConfig, VectorEvent, VectorFile } from './vector-file.ts';

/** What a recording shows of an access: where it landed, if that was seen, and the events. */
export interface Observation {
  readonly pa: bigint | null;
  readonly events: readonly VectorEvent[];
}

/** Accesses are 4 bytes wide. */
const ACCESS_BYTES = 4;
const PAGE_BYTES = 0x1000;
const PAGE_OFFSET = 0xfffn;

/** The memory that the recorded machine had while a configuration was in force. */
export function memoryOf({ ram, stamped }: VectorFile, { memory }: VectorConfig): ReadMemory64 {
  const stampedEnd = stamped.start + stamped.length;
  return (address) => {
    if (address < ram.start || address + 8n > ram.end) return undefined;
    const word = memory.get(address);
    if (word !== undefined) return word;
    return address >= stamped.start && address < stampedEnd ? address | ((address + 4n) << 32n) : 0n;
  };
}

/** What the recorded test program would have seen of an access if the SMMU followed `rules`. */
export function observe(
  file: VectorFile,
  config: VectorConfig,
  access: VectorAccess,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): Observation | { readonly unmodelled: Unmodelled } {
  const reach: ReadMemory64 = (address) => read(address) ?? rules.outsideRam(address);
  const seen: VectorEvent[] = [];
  let pa: bigint | null = null;
  let bytes = 0;
  for (let done = 0; done < ACCESS_BYTES; done += bytes) {
    const address = BigInt.asUintN(64, access.iova + BigInt(done));
    const incoming = dataAccess(file.streamId, address, access.write ? 'write' : 'read');
    const outcome = translateThroughSte(config.ste, incoming, implementation, reach, rules);
    if (outcome.kind === 'unmodelled') return { unmodelled: outcome.what };
    // A transaction does not cross a page; where it faults, an emulator may try less of it at a time.
    const inPage = Math.min(ACCESS_BYTES - done, PAGE_BYTES - Number(address & PAGE_OFFSET));
    bytes = outcome.kind === 'translated' ? inPage : rules.faultedBytes(address, inPage);
    if (done === 0) pa = landing(file, outcome);
    seen.push(...recorded(outcome, rules));
  }
  return { pa, events: seen };
}

function landing({ stamped }: VectorFile, outcome: Outcome): bigint | null {
  if (outcome.kind !== 'translated') return null;
  const { address } = outcome;
  const seen = address >= stamped.start && address + BigInt(ACCESS_BYTES) <= stamped.start + stamped.length;
  return seen ? address : null;
}

function recorded(outcome: Outcome, rules: SmmuArchitectureRules): readonly VectorEvent[] {
  if (outcome.kind !== 'fault') return [];
  const words = eventWords(outcome.event, rules);
  const { name } = outcome.event;
  const { type } = events[name];
  if (type < events.F_WALK_EABT.type) return [{ type }];
  const decoded = decodeEvent(words);
  if (decoded === undefined || !('CLASS' in decoded.fields)) return [{ type }];
  const { S2, RnW } = decoded.fields;
  // The recording has the whole of doubleword 3, which the architecture's field would cut.
  return [
    {
      type,
      s2: S2 === 1 ? 1 : 0,
      class: outcome.event.class,
      rnw: RnW === 1 ? 1 : 0,
      ipa: words[3] ?? 0n,
    },
  ];
}

/** Whether the model shows what was recorded, in every field that was recorded. */
export function agrees(model: Observation, expected: Observation): boolean {
  return (
    model.pa === expected.pa &&
    model.events.length === expected.events.length &&
    expected.events.every((event, index) => sameEvent(model.events[index], event))
  );
}

function sameEvent(model: VectorEvent | undefined, expected: VectorEvent): boolean {
  return (
    model !== undefined &&
    model.type === expected.type &&
    (expected.s2 === undefined || model.s2 === expected.s2) &&
    (expected.class === undefined || model.class === expected.class) &&
    (expected.rnw === undefined || model.rnw === expected.rnw) &&
    (expected.ipa === undefined || model.ipa === expected.ipa)
  );
}
