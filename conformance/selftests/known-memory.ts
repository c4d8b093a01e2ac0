import type { Words } from '../../model/world/command.ts';
import { bytesOfHex, hexOfBytes } from '../hex.ts';

/**
 * What is known of the memory of the recorded process, which writes it without a line that says so: what accesses have written
 * and read, byte by byte.
 */
export class KnownMemory {
  private readonly bytes = new Map<bigint, number>();

  /** An access writes a buffer to user addresses, given as pairs of an address and a length. */
  write(pieces: Words, hex: string): void {
    const content = bytesOfHex(hex);
    each(pieces, (va, at) => this.bytes.set(va, content[at] ?? 0));
  }

  /** What an access reads: what is known of it, and what the recording says of the rest, which is known from then on. */
  read(pieces: Words, recorded: string): string {
    const content = bytesOfHex(recorded);
    each(pieces, (va, at) => {
      const known = this.bytes.get(va);
      if (known === undefined) this.bytes.set(va, content[at] ?? 0);
      else if (at < content.length) content[at] = known;
    });
    return hexOfBytes(content);
  }
}

function each(pieces: Words, visit: (va: bigint, at: number) => void): void {
  let at = 0;
  for (let piece = 0; piece + 1 < pieces.length; piece += 2) {
    const [va = 0n, length = 0n] = pieces.slice(piece, piece + 2);
    for (let offset = 0n; offset < length; offset++) visit(va + offset, at++);
  }
}
