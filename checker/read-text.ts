import { createReadStream, type ReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A file is longer than what is read of one. */
export class TooLong extends Error {}

/** Real recordings unpack to 6 to 30 times what they are; deflate can make a thousand times as much of a file. */
const MAX_RATIO = 250;

/** Bytes that a gzip file may unpack to however small it is. */
const SMALL = 16 * 1024 * 1024;

/**
 * The bytes of a file, chunk by chunk; unpacked if its name ends in `.gz`.
 * @throws TooLong where a gzip file unpacks to far more than any of its size that was not made for that.
 */
export function bytesOf(path: string): AsyncIterable<Uint8Array> {
  const raw = createReadStream(path);
  return path.endsWith('.gz') ? unpacked(raw) : raw;
}

async function* unpacked(raw: ReadStream): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of pipeline(raw, createGunzip(), () => {})) {
    const bytes = chunk as Uint8Array;
    length += bytes.length;
    if (length > SMALL && length > MAX_RATIO * raw.bytesRead)
      throw new TooLong(`a gzip file that unpacks to at most ${MAX_RATIO} times its size`);
    yield bytes;
  }
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
