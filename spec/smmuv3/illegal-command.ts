import { maskOf } from '../bits.ts';
import { type CommandName, commands, decodeCommand, opcodeOf } from './command.ts';

/** The two doublewords of a command. */
export type CommandPair = readonly [bigint, bigint];

const OPCODE = 0xffn;
const SSEC = 1n << 10n;

/** By opcode: the bits of a Non-secure command that mean something. */
const MEANT: ReadonlyMap<number, CommandPair> = new Map(
  (Object.keys(commands) as CommandName[]).map((name) => {
    const { opcode, layout } = commands[name];
    const [first = 0n, second = 0n] = maskOf(layout, Object.keys(layout.fields) as never[]);
    return [opcode, [(first | OPCODE) & ~SSEC, second]];
  }),
);

/** A command with the bits that mean nothing on a Non-secure queue taken out; null: no command. */
export function withoutReserved([first, second]: CommandPair): CommandPair | null {
  const meant = MEANT.get(opcodeOf([first, second]));
  return meant === undefined ? null : [first & meant[0], second & meant[1]];
}

/** Whether bits are set that mean nothing on a Non-secure queue: reserved ones, or SSec. */
export function hasReserved(words: CommandPair): boolean {
  const meant = withoutReserved(words);
  return meant === null || meant[0] !== words[0] || meant[1] !== words[1];
}

/**
 * Whether the SMMU may stop at a command with CERROR_ILL (IHI0070 4.1.3, 4.4.1): no such command, reserved bits or SSec
 * set, or a range of TLB entries with neither a level nor a length.
 */
export function isIllegal(words: CommandPair): boolean {
  if (hasReserved(words)) return true;
  const fields = decodeCommand(words)?.fields;
  if (fields === undefined || !('TG' in fields)) return false;
  const { TG, TTL, NUM, SCALE } = fields;
  return TG !== 0 && TTL === 0 && NUM === 0 && SCALE === 0;
}
