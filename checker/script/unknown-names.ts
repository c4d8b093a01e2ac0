import type { Argument } from '../../spec/command/argument.ts';
import { unknownText } from '../select/by-name.ts';

/** Begins as a name does, so it was meant as one. */
const NAME = /^[A-Za-z_]/;

/** What is said of a flag, a value or a word that its argument has no such name for; null: all are known, or are no names. */
export function unknownNamesText(what: string, argument: Argument, text: string): string | null {
  const known = namesOf(argument);
  if (known === null) return null;
  const parts = argument.kind === 'number' && argument.flags !== undefined ? text.split('|') : [text];
  const unknown = parts.map((part) => part.trim()).find((part) => NAME.test(part) && !known.includes(part));
  return unknown === undefined ? null : `${what}: ${unknownText(kindOf(argument), unknown, known)}`;
}

function namesOf(argument: Argument): readonly string[] | null {
  switch (argument.kind) {
    case 'number':
      return Object.keys(argument.flags ?? argument.values ?? {});
    case 'bool':
      return ['true', 'false'];
    case 'pointer':
      return ['buffer', 'null', 'unmapped'];
    case 'text':
      return argument.words ?? null;
    default:
      return null;
  }
}

function kindOf(argument: Argument): string {
  return argument.kind === 'number' && argument.flags !== undefined ? 'flag' : 'value';
}
