import type { Unmodelled } from '../../model/smmu/architecture/outcome.ts';
import type { RecordedMemory } from './recorded-memory.ts';
import type { StepOf } from './sequence-file.ts';
import type { SmmuMachine, TransactionEnd } from './smmu-machine.ts';

const PAGE_BYTES = 0x1000;

/** What is seen of an access. */
export interface Transfer {
  /** Where each byte was seen; null: nowhere. */
  readonly bytes: readonly (bigint | null)[];
  readonly events: readonly (readonly (bigint | null)[])[];
  readonly ends: boolean;
}

/** How many bytes from one on make a transaction; it does not cross a page, and what is refused may be tried in smaller ones. */
export function transactionBytes(
  { rules }: SmmuMachine,
  iova: bigint,
  left: number,
  refused: boolean,
): number {
  const inPage = Math.min(left, PAGE_BYTES - Number(iova % BigInt(PAGE_BYTES)));
  return refused ? rules.faultedBytes(iova, inPage) : inPage;
}

/** Where each of some bytes is seen after a transaction. */
export function seenBytes(
  { outcome }: TransactionEnd,
  bytes: number,
  memory: RecordedMemory,
): readonly (bigint | null)[] {
  return Array.from({ length: bytes }, (_, at) => {
    if (outcome.kind !== 'translated') return null;
    const address = outcome.address + BigInt(at);
    return memory.isStamped(address) ? address : null;
  });
}

export function addressAt({ iova }: StepOf<'access'>, done: number): bigint {
  return BigInt.asUintN(64, iova + BigInt(done));
}

/** A device's access through an SMMU whose caches are known. */
export function transfer(
  machine: SmmuMachine,
  access: StepOf<'access'>,
  memory: RecordedMemory,
): Transfer | { readonly unmodelled: Unmodelled } {
  const bytes: (bigint | null)[] = [];
  const events: (readonly bigint[])[] = [];
  while (bytes.length < access.length) {
    const iova = addressAt(access, bytes.length);
    const end = machine.transact(access.streamId, iova, access.write);
    if (end.outcome.kind === 'unmodelled') {
      if (end.outcome.what === 'the end of the emulator') return { bytes, events, ends: true };
      return { unmodelled: end.outcome.what };
    }
    const refused = end.outcome.kind !== 'translated';
    const count = transactionBytes(machine, iova, access.length - bytes.length, refused);
    bytes.push(...seenBytes(end, count, memory));
    if (end.event !== undefined) events.push(end.event);
  }
  return { bytes, events, ends: false };
}

/** What was recorded of an access. */
export function recordedTransfer({ length, landed, events, ends }: StepOf<'access'>): Transfer {
  const bytes: (bigint | null)[] = Array.from({ length }, () => null);
  for (const run of landed) for (let at = 0; at < run.length; at++) bytes[run.at + at] = run.pa + BigInt(at);
  return { bytes, events, ends: ends === true };
}

/** Whether the model shows what was recorded. What an emulator does while it ends is not looked at. */
export function showsTransfer(model: Transfer, recorded: Transfer): boolean {
  if (model.ends || recorded.ends) return model.ends === recorded.ends;
  return (
    model.bytes.every((byte, at) => byte === recorded.bytes[at]) &&
    model.events.length === recorded.events.length &&
    recorded.events.every((record, at) => sameRecord(model.events[at], record))
  );
}

/** Null words were not recorded. */
export function sameRecord(
  model: readonly (bigint | null)[] | undefined,
  recorded: readonly (bigint | null)[] | undefined,
): boolean {
  return recorded?.every((word, at) => word === null || word === model?.[at]) === true;
}
