/** The value of each hexadecimal digit, by its character code; 0 for other characters. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes of a hexadecimal string of even length. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS[hex.charCodeAt(2 * i)] ?? 0;
    bytes[i] = (high << 4) | (DIGITS[hex.charCodeAt(2 * i + 1)] ?? 0);
  }
  return bytes;
}

export function hexOfBytes(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += PAIRS[byte];
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
