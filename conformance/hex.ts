/** Bytes of a hexadecimal string of even length. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function hexOfBytes(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** 64-bit little-endian words; a last incomplete one is padded with zeros. */
export function wordsOfBytes(bytes: Uint8Array): bigint[] {
  const words: bigint[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    let word = 0n;
    for (let i = 7; i >= 0; i--) word = (word << 8n) | BigInt(bytes[at + i] ?? 0);
    words.push(word);
  }
  return words;
}

/** Writes words over bytes in place, as far as there are bytes. */
export function overwrite(bytes: Uint8Array, words: readonly bigint[]): void {
  words.forEach((word, index) => {
    for (let i = 0; i < 8 && index * 8 + i < bytes.length; i++) {
      bytes[index * 8 + i] = Number((word >> BigInt(8 * i)) & 0xffn);
    }
  });
}
