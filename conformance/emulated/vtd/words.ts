import type { Call } from '../../../model/call.ts';
import type { Words } from '../../../model/world/command.ts';
import { decode } from '../../../spec/bits.ts';
import { decodeDescriptor } from '../../../spec/vtd/descriptor.ts';
import { FaultReason, faultRecord } from '../../../spec/vtd/fault.ts';
import { faultStatus, globalStatus } from '../../../spec/vtd/registers.ts';
import type { Seen } from '../lines.ts';
import { changedIn } from './observe.ts';

/** What a register or record has otherwise, in words. */
export function keyInWords(key: keyof Seen, seen: Seen, other: Seen): string {
  switch (key) {
    case 'FSTS':
      return `FSTS ${bitsIn(faultStatus, seen.FSTS)}`;
    case 'GSTS':
      return `GSTS ${bitsIn(globalStatus, seen.GSTS)}`;
    case 'record':
      return recordInWords(seen.record ?? 'none', other.record ?? 'none');
    case 'changed': {
      const [own, theirs] = [changedIn(seen.changed), changedIn(other.changed)];
      if (own.size === theirs.size) return 'changes words otherwise';
      return own.size > theirs.size ? 'changes more words' : 'changes fewer words';
    }
    default:
      return `other ${key}`;
  }
}

function bitsIn(of: typeof faultStatus | typeof globalStatus, value = '0x0'): string {
  const set = Object.entries(decode(of, [BigInt(value)])).flatMap(([name, bit]) => (bit ? [name] : []));
  return set.join('+') || '0';
}

const REASONS = new Map<number, string>(Object.entries(FaultReason).map(([name, code]) => [code, name]));

function reasonIn(text: string): string {
  const { FR } = decode(faultRecord, text.split(' ').map(BigInt));
  return REASONS.get(FR) ?? `fault 0x${FR.toString(16)}`;
}

/** The reason, and where it is the same in both, the fields that differ. */
function recordInWords(text: string, other: string): string {
  if (text === 'none') return 'no fault';
  if (other === 'none' || reasonIn(text) !== reasonIn(other)) return reasonIn(text);
  const [own, theirs] = [text, other].map(
    (each): Readonly<Record<string, unknown>> => decode(faultRecord, each.split(' ').map(BigInt)),
  );
  const differ = Object.keys(own ?? {}).filter((name) => own?.[name] !== theirs?.[name]);
  return `${reasonIn(text)} with other ${differ.join(', ') || 'reserved bits'}`;
}

/** What a step is, as reports name it: descriptors by their names. */
export function stepName({ command, args }: Call): string {
  if (command === 'vtdWrite') return `write ${String(args.register)}`;
  if (command === 'vtdDma') return args.write === true ? 'DMA write' : 'DMA read';
  if (command !== 'vtdDescriptors') return command;
  const words = (args.words ?? []) as NonNullable<Words>;
  // Two words or four: only the queue knows. A word of a descriptor that is not its first has no type.
  const names = words.flatMap((word, at) =>
    at % 2 === 0 && (word & 0xfn) !== 0n ? [decodeDescriptor([word])?.name ?? `type ${word & 0xfn}`] : [],
  );
  return [...new Set(names)].join('+') || command;
}

/** What a step came to, for coverage: a name, and its answer in one word. */
export function outcomeOf(call: Call, seen: Seen): string {
  const name = stepName(call);
  if (seen.ends !== 'no') return `${name} ${seen.ends}`;
  if (call.command !== 'vtdDma') return `${name} ${isStopped(seen) ? 'IQE' : 'ok'}`;
  if (seen.landed !== undefined && seen.landed !== 'nowhere') return `${name} data`;
  if (seen.value !== undefined && seen.value !== '0x0') return `${name} data`;
  return `${name} ${seen.record === undefined || seen.record === 'none' ? 'nothing' : reasonIn(seen.record)}`;
}

function isStopped({ FSTS = '0x0' }: Seen): boolean {
  return decode(faultStatus, [BigInt(FSTS)]).IQE === 1;
}
