import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A file is longer than what is read of one. */
export class TooLong extends Error {}

/** The bytes of a file, chunk by chunk; unpacked if its name ends in `.gz`. */
export function bytesOf(path: string): AsyncIterable<Uint8Array> {
  const raw = createReadStream(path);
  return path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => {}) : raw;
}

/**
 * The text of a file. It is read chunk by chunk: of what has no end (a pipe, a device, a gzip file that unpacks to
 * far more than it is) no more than `maxBytes` are ever held.
 * @throws TooLong, or what the file system, gzip or the decoder throws.
 */
export async function readText(path: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for await (const chunk of bytesOf(path)) {
    length += chunk.length;
    if (length > maxBytes) throw new TooLong(`at most ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
