import type { Emulation } from './emulation.ts';
import type { Seen } from './lines.ts';
import { differing } from './seen.ts';

/** What one observation has that the other has not, in words that are equal for differences of one kind: no addresses. */
export function inWords(emulation: Emulation, seen: Seen, other: Seen): string {
  const keys = differing(seen, other);
  const implied = emulation.implied(keys);
  const telling = keys.filter((key) => !implied.includes(key));
  return telling.map((key) => keyInWords(emulation, key, seen, other)).join(', ') || 'the same';
}

function keyInWords(emulation: Emulation, key: keyof Seen, seen: Seen, other: Seen): string {
  switch (key) {
    case 'ends':
      return { no: 'goes on', died: 'the emulator ends', silent: 'the emulator hangs' }[seen.ends];
    case 'value':
      return seen.value === '0x0' ? 'no data' : 'other data';
    case 'landed':
      return seen.landed === 'nowhere' ? 'lands nowhere' : 'lands elsewhere';
    default:
      return emulation.inWords(key, seen, other);
  }
}
