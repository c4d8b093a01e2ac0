import type { Argument } from './argument.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** A 64-bit value. */
export function isU64(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= U64_MAX;
}

/** An integer of a range. Of the two zeros only one is an integer: worlds that differ in them would be equal and not the same. */
function isWithin(value: unknown, min: number, max: number): boolean {
  return (
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max && !Object.is(value, -0)
  );
}

function areWords(value: unknown, most: number): boolean {
  if (value === null) return true;
  if (!Array.isArray(value) || value.length > most) return false;
  // Not `every`, which passes over holes.
  for (let at = 0; at < value.length; at++) if (!isU64(value[at])) return false;
  return true;
}

/** Whether a complete command may have this value for an argument. */
export function fits(argument: Argument, value: unknown): boolean {
  switch (argument.kind) {
    case 'handle':
    case 'number':
      return isWithin(value, argument.min, argument.max);
    case 'u64':
      return isU64(value) && (argument.align === undefined || value % argument.align === 0n);
    case 'bool':
      return value === true || value === false;
    case 'pointer':
      return value === 'buffer' || value === 'null' || value === 'unmapped';
    case 'words':
      return areWords(value, argument.most);
    case 'text':
      return typeof value === 'string' && value.length <= argument.most;
  }
}

const HANDLE_TEXT: Readonly<Record<string, string>> = {
  any: 'an object',
  pt: 'an ioas or hwpt',
  invalidatable: 'a viommu or hwpt',
  iommufd: 'an iommufd',
  ioas: 'an ioas',
  hwpt: 'an hwpt',
};

/** What an argument looks like, for an error's reader. */
export function expectation(argument: Argument): string {
  switch (argument.kind) {
    case 'handle':
      return `the name of ${HANDLE_TEXT[argument.of] ?? `a ${argument.of}`} or its number (${argument.min} to ${argument.max})`;
    case 'number': {
      const { min, max, flags, values } = argument;
      const names = Object.keys(flags ?? values ?? {});
      const or =
        names.length === 0 ? '' : `, or ${flags === undefined ? 'one' : 'some'} of ${names.join(', ')}`;
      return `an integer from ${min} to ${max}${or}`;
    }
    case 'u64':
      return `a 64-bit value${argument.align === undefined ? '' : `, a multiple of ${argument.align},`} (a number, or a string like "0x1000" or "4096")`;
    case 'bool':
      return 'true or false';
    case 'pointer':
      return '"buffer", "null" or "unmapped"';
    case 'words':
      return `null or at most ${argument.most} 64-bit words (strings like "0x1000")`;
    case 'text':
      return `a string of at most ${argument.most} characters`;
  }
}
