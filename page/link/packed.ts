import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import { UsageError } from '../../checker/select/usage-error.ts';

/** Characters of a packed text in an address: more than mail programs keep whole. */
const MOST_PACKED = 32 * 1024;

/** Bytes of the text itself; a few characters can stand for very many. */
const MOST_BYTES = 256 * 1024;

/** A text in letters, digits, `-` and `_`: deflated (RFC 1951), in base64url (RFC 4648). */
export function pack(text: string): string {
  const bytes = deflateSync(strToU8(text), { level: 9 });
  return btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * The text again.
 * @throws UsageError where it is none, or too long.
 */
export function unpack(packed: string): string {
  if (packed.length > MOST_PACKED)
    throw new UsageError(`the link: expected at most ${MOST_PACKED} characters`);
  if (!/^[\w-]*$/.test(packed)) throw new UsageError('the link: expected letters, digits, - and _');
  try {
    return strFromU8(inflated(strToU8(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), true)));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('the link: it is cut, or was changed on its way');
  }
}

function inflated(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  const inflate = new Inflate((part, final) => {
    length += part.length;
    if (length > MOST_BYTES) throw new UsageError(`the link: expected a run of at most ${MOST_BYTES} bytes`);
    parts.push(part.slice());
    ended ||= final;
  });
  // A little at a time: what a few bytes become is looked at before more is made.
  for (let at = 0; at < bytes.length; at += CHUNK)
    inflate.push(bytes.subarray(at, at + CHUNK), at + CHUNK >= bytes.length);
  if (!ended) throw new UsageError('the link: it is cut, or was changed on its way');
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CHUNK = 512;
