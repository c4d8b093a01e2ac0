import { type BitFields, decode } from '../../spec/bits.ts';
import { commands, decodeCommand } from '../../spec/smmuv3/command.ts';

/** A command of two words by its name and the fields that are not zero. */
export function commandText(words: readonly bigint[]): string {
  const command = decodeCommand(words);
  if (command === undefined) return words.map((word) => `0x${word.toString(16)}`).join(' ');
  const { layout } = commands[command.name];
  const fields: Readonly<Record<string, unknown>> = decode(layout, words);
  const set = Object.keys(layout.fields as BitFields).filter((name) => BigInt(fields[name] as number) !== 0n);
  return [command.name, ...set.map((name) => `${name}=${fields[name]}`)].join(' ');
}
