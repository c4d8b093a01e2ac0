import type { Call } from '../../../model/call.ts';
import type { Words } from '../../../model/world/command.ts';
import { decode } from '../../../spec/bits.ts';
import { decodeCommand } from '../../../spec/smmuv3/command.ts';
import { decodeEvent } from '../../../spec/smmuv3/event.ts';
import { cmdqCons, gerror } from '../../../spec/smmuv3/registers.ts';
import type { Seen } from '../lines.ts';

/** What a register or a record of the queue has otherwise, in words. */
export function keyInWords(key: keyof Seen, seen: Seen, other: Seen): string {
  switch (key) {
    case 'event':
      return eventInWords(seen.event ?? 'none', other.event ?? 'none');
    case 'GERROR':
      return errorsInWords(seen.GERROR ?? '0x0');
    case 'CMDQ_CONS': {
      const [own, theirs] = [seen, other].map((each) => decode(cmdqCons, [BigInt(each.CMDQ_CONS ?? '0x0')]));
      return own?.ERR === theirs?.ERR ? 'other CMDQ_CONS.RD' : `CMDQ_CONS.ERR ${own?.ERR}`;
    }
    default:
      return `other ${key}`;
  }
}

function errorsInWords(value: string): string {
  const set = Object.entries(decode(gerror, [BigInt(value)])).flatMap(([name, bit]) => (bit ? [name] : []));
  return `GERROR ${set.join('+') || '0'}`;
}

/** The name of an event, and where it is the same in both, the fields that differ. */
function eventInWords(text: string, other: string): string {
  const [own, theirs] = [eventOf(text), eventOf(other)];
  if (own === null) return text === 'none' ? 'no event' : 'a record of no event';
  if (own.name !== theirs?.name) return own.name;
  const fields: Readonly<Record<string, unknown>> = { ...theirs.fields };
  const differ = Object.entries(own.fields).flatMap(([name, value]) =>
    fields[name] === value ? [] : [name],
  );
  return `${own.name} with other ${differ.join(', ') || 'reserved bits'}`;
}

function eventOf(text: string) {
  return text === 'none' ? null : (decodeEvent(text.split(' ').map(BigInt)) ?? null);
}

/** What a step is, as reports name it: commands of the queue by their names. */
export function stepName({ command, args }: Call): string {
  const words = args.words as Words | undefined;
  if (command === 'emulatedCommands') {
    const names = (words ?? []).flatMap((word, at) =>
      at % 2 === 0 ? [decodeCommand([word, 0n])?.name ?? `opcode 0x${(word & 0xffn).toString(16)}`] : [],
    );
    return [...new Set(names)].join('+') || command;
  }
  if (command === 'emulatedDma') return args.write === true ? 'DMA write' : 'DMA read';
  return command;
}

/** What a step came to, for coverage: a name, and its answer in one word. */
export function outcomeOf(call: Call, seen: Seen): string {
  const name = stepName(call);
  if (seen.ends !== 'no') return `${name} ${seen.ends}`;
  if (call.command !== 'emulatedDma') return `${name} ${seen.GERROR === '0x0' ? 'ok' : 'GERROR'}`;
  if (seen.event !== undefined && seen.event !== 'none')
    return `${name} ${eventOf(seen.event)?.name ?? 'unknown'}`;
  return `${name} ${seen.value === '0x0' || seen.landed === 'nowhere' ? 'nothing' : 'data'}`;
}
