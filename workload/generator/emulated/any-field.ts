import { type Layout, maskOf } from '../../../spec/bits.ts';
import { type Draw, pick } from '../choice.ts';

/** 64 bits, of which as many as not are alike: what is random in every bit is illegal at once. */
export function drawWord(draw: Draw): bigint {
  const half = (): bigint => BigInt(pick([0, 0xffff_ffff, draw(0x1_0000), draw(0x1_0000) * 0x1_0000], draw));
  return (half() << 32n) | half();
}

/** An entry with other bits in any one of its fields, legal or not. */
export function withAnyField(layout: Layout, words: readonly bigint[], draw: Draw): readonly bigint[] {
  const mask = maskOf(layout, [pick(Object.keys(layout.fields), draw)]);
  return words.map((word, at) => {
    const bits = mask[at] ?? 0n;
    return (word & ~bits) | (drawWord(draw) & bits);
  });
}
