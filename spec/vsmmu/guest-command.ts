import { decode, encode, update } from '../bits.ts';
import { type Command, commands, decodeCommand } from '../smmuv3/command.ts';
import { type IdRegisterValues, idr0, idr3 } from '../smmuv3/id-registers.ts';
import { type CommandPair, withoutReserved } from '../smmuv3/illegal-command.ts';
import { isIllegalBy } from '../smmuv3/legal-command.ts';

/**
 * What IHI0070 4.1.3 says of a command on a queue of an SMMU with these ID registers. `either`: it may stop the queue
 * with CERROR_ILL, or go on as if the reserved bits were zero.
 */
export type CommandLegality = 'legal' | 'illegal' | 'either';

/** Whether a guest's command is legal by the ID registers that the guest sees. */
export function legalityOf(words: CommandPair, registers: IdRegisterValues): CommandLegality {
  const command = decodeCommand(words);
  const features = decode(idr0, [BigInt(registers.IDR0)]);
  if (command === undefined || isIllegalBy(command, words, { idr0: features })) return 'illegal';
  const meant = commandMeant(words, registers);
  if (meant[0] !== words[0] || meant[1] !== words[1]) return 'either';
  return isOpenRange(command) ? 'either' : 'legal';
}

/** A range of neither a level nor a length (IHI0070 4.4.1), or an ATC_INV of more than there is. */
function isOpenRange({ name, fields }: Command): boolean {
  if (name === 'ATC_INV') return fields.Size > 52;
  if (!('TG' in fields)) return false;
  return fields.TG !== 0 && fields.TTL === 0 && fields.NUM === 0 && fields.SCALE === 0;
}

const RANGE = encode(commands.TLBI_NH_VA.layout, { NUM: 31, SCALE: 31, TTL: 3, TG: 3 }).slice(0, 2);

/**
 * The bits of a command that mean something by these registers: what a VMM hands on. Without range invalidation the
 * fields of a range are reserved.
 */
export function commandMeant(words: CommandPair, registers: IdRegisterValues): CommandPair {
  const [first, second] = withoutReserved(words) ?? words;
  const command = decodeCommand(words);
  if (command === undefined || !('TG' in command.fields)) return [first, second];
  if (decode(idr3, [BigInt(registers.IDR3)]).RIL === 1) return [first, second];
  return [first & ~(RANGE[0] ?? 0n), second & ~(RANGE[1] ?? 0n)];
}

/** A command with another StreamID in it. */
export function withStream(words: CommandPair, StreamID: number): CommandPair {
  const [first = 0n, second = 0n] = update(commands.CFGI_CD_ALL.layout, words, { StreamID });
  return [first, second];
}
