import type { Layout } from '../../spec/bits.ts';
import { decode } from '../../spec/bits.ts';
import { decodeEvent } from '../../spec/smmuv3/event.ts';
import { cmdqCons, eventqCons, eventqProd, gerror } from '../../spec/smmuv3/registers.ts';
import type { RegisterName, StepOf } from './sequence-file.ts';
import type { Transfer } from './transfer.ts';

type Shown = Readonly<Record<string, string>>;

/** How an answer of the model parts from the recorded one. */
export interface Parted {
  /** What was asked, and in what the answers differ. */
  readonly kind: string;
  readonly event: string;
  readonly expected: Shown;
  readonly model: Shown;
}

const LAYOUTS: Partial<Record<RegisterName, Layout>> = {
  CMDQ_CONS: cmdqCons,
  EVENTQ_PROD: eventqProd,
  EVENTQ_CONS: eventqCons,
  GERROR: gerror,
};

export function partedRead({ register, value }: StepOf<'read'>, model: bigint): Parted {
  const layout = LAYOUTS[register];
  let fields: readonly string[] = [];
  if (layout !== undefined) {
    const own: Readonly<Record<string, unknown>> = decode(layout, [model]);
    fields = Object.entries(decode(layout, [value])).flatMap(([name, bits]) =>
      own[name] === bits ? [] : [name],
    );
  }
  return {
    kind: [register, ...fields].join(' '),
    event: `read of ${register}`,
    expected: { value: hex(value) },
    model: { value: hex(model) },
  };
}

export function partedAccess(access: StepOf<'access'>, model: Transfer, recorded: Transfer): Parted {
  const { write, length, iova, streamId } = access;
  return {
    kind: kindOf(model, recorded),
    event: `${write ? 'write' : 'read'} of ${length} at ${hex(iova)} by stream ${streamId}`,
    expected: shown(recorded),
    model: shown(model),
  };
}

function kindOf(model: Transfer, recorded: Transfer): string {
  if (model.ends || recorded.ends) return recorded.ends ? 'ends the emulator' : 'does not end the emulator';
  const kinds: string[] = [];
  if (!model.bytes.every((byte, at) => byte === recorded.bytes[at]))
    kinds.push(`landed ${extent(recorded)}, model ${extent(model)}`);
  const names = namesOf(recorded);
  if (names !== namesOf(model)) kinds.push(`events ${names}, model ${namesOf(model)}`);
  else {
    const fields = new Set(
      recorded.events.flatMap((record, at) => differing(record, model.events[at] ?? [])),
    );
    if (fields.size > 0) kinds.push(`event ${names}: ${[...fields].join(', ')}`);
  }
  return kinds.join('; ');
}

function extent({ bytes }: Transfer): string {
  const seen = bytes.filter((byte) => byte !== null).length;
  if (seen === 0) return 'nowhere';
  return seen === bytes.length ? 'somewhere' : 'in part';
}

/** The names of records, each with how often it stands there in a row. */
function namesOf({ events }: Transfer): string {
  const runs: { readonly name: string; count: number }[] = [];
  for (const record of events) {
    const name = nameOf(record);
    const last = runs.at(-1);
    if (last?.name === name) last.count++;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${count} ${name}`)).join('+') || 'none';
}

type Record4 = readonly (bigint | null)[];

function nameOf([first = null]: Record4): string {
  if (first === null) return 'of any name';
  return decodeEvent([first, 0n, 0n, 0n])?.name ?? `0x${(first & 0xffn).toString(16)}`;
}

/** The fields that differ; a doubleword in which only bits without a name do, by its number. */
function differing(recorded: Record4, model: Record4): readonly string[] {
  const filled = recorded.map((word, at) => word ?? model[at] ?? 0n);
  const own: Readonly<Record<string, unknown>> = decodeEvent(model.map((word) => word ?? 0n))?.fields ?? {};
  const named = Object.entries(decodeEvent(filled)?.fields ?? {}).flatMap(([name, bits]) =>
    own[name] === bits ? [] : [name],
  );
  if (named.length > 0) return named;
  return filled.flatMap((word, at) => (word === model[at] ? [] : [`doubleword ${at}`]));
}

const MOST_SHOWN = 4;

function shown({ bytes, events, ends }: Transfer): Shown {
  const records = events
    .slice(0, MOST_SHOWN)
    .map((record) => record.map((word) => (word === null ? '?' : hex(word))).join(' '));
  if (events.length > MOST_SHOWN) records.push(`and ${events.length - MOST_SHOWN} more`);
  return {
    landed: runsOf(bytes).join(', ') || 'nowhere',
    events: records.join('; ') || 'none',
    ...(ends ? { ends: 'yes' } : {}),
  };
}

function runsOf(bytes: readonly (bigint | null)[]): readonly string[] {
  const runs: { readonly at: number; readonly pa: bigint; length: number }[] = [];
  bytes.forEach((byte, at) => {
    if (byte === null) return;
    const last = runs.at(-1);
    if (last !== undefined && last.at + last.length === at && last.pa + BigInt(last.length) === byte)
      last.length++;
    else runs.push({ at, pa: byte, length: 1 });
  });
  return runs.map(({ at, pa, length }) => `${length} from ${at} at ${hex(pa)}`);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
