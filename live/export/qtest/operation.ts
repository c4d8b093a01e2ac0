/* Lines of qtest as calls of libqtest. */

/** What a word of a line is as C has it. */
const number = (text: string): string => (text.length > 10 ? `${text}ULL` : text);

/** One line that does something. */
export function callOfLibqtest(line: string): string {
  const [name = '', ...words] = line.split(' ');
  const [at = '', value = '', data = ''] = words;
  switch (name) {
    case 'writel':
    case 'writeq':
    case 'outl':
      return `qtest_${name}(qts, ${number(at)}, ${number(value)});`;
    case 'memset':
      return `qtest_memset(qts, ${number(at)}, ${data}, ${number(value)});`;
    case 'write':
      return storeText(at, wordsOf(data));
    default:
      throw new Error(`a line that does something: ${line}`);
  }
}

const PER_LINE = 4;

/** 64-bit words into memory. */
export function storeText(at: string, words: readonly bigint[]): string {
  const texts = words.map((word) => `0x${word.toString(16)}ULL`);
  if (texts.length <= PER_LINE) return `STORE(qts, ${number(at)}, ${texts.join(', ')});`;
  const lines: string[] = [];
  for (let first = 0; first < texts.length; first += PER_LINE)
    lines.push(`      ${texts.slice(first, first + PER_LINE).join(', ')}`);
  return `STORE(qts, ${number(at)},\n${lines.join(',\n')});`;
}

function wordsOf(data: string): readonly bigint[] {
  const bytes = Buffer.from(data.slice(2), 'hex');
  return Array.from({ length: bytes.length / 8 }, (_, at) => bytes.readBigUInt64LE(8 * at));
}
