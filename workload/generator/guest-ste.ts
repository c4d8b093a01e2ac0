import type { Words } from '../../model/world/command.ts';
import { type BitField, encode } from '../../spec/bits.ts';
import { type CommandName, commands, encodeCommand } from '../../spec/smmuv3/command.ts';
import { type Ste, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { drawVste } from './vste.ts';

/*
 * Entries and commands as a guest may write them: field by field, legal and illegal, meant for an SMMU or for nobody.
 */

/** Fields of the first two words, which a guest that has stage 1 only writes. */
const FIELDS = (Object.keys(ste.fields) as (keyof Ste)[]).filter(
  (name) => ste.fields[name].word < 2 && name !== 'V' && name !== 'Config' && name !== 'S1ContextPtr',
);

const POINTERS: readonly bigint[] = [0x4_0000n, 0x8_0000n, 0n, 1n << 46n, 1n << 51n];

/** Any value of a field, small ones and the largest mostly. */
function drawValue({ width }: BitField, draw: Draw): number {
  const most = 2 ** Math.min(width, 20) - 1;
  return oneIn(3, draw) ? most : draw(Math.min(most, 5) + 1);
}

/** The words of an entry: one of those that guests write, or a few fields of it drawn. */
export function drawGuestSte(draw: Draw): Words {
  if (oneIn(2, draw)) return drawVste(draw);
  const fields: Record<string, number | bigint> = {
    V: oneIn(10, draw) ? 0 : 1,
    Config: oneIn(4, draw) ? draw(8) : SteConfig.S1Trans,
    S1ContextPtr: oneIn(6, draw) ? pick(POINTERS, draw) : 0x4_0000n,
  };
  for (let count = draw(4); count > 0; count--) {
    const name = pick(FIELDS, draw);
    fields[name] = drawValue(ste.fields[name], draw);
  }
  const words = encode(ste, fields as Partial<Ste>).slice(0, 2);
  // Bits that are nobody's, or the software's own.
  if (oneIn(8, draw)) words[oneIn(2, draw) ? 1 : 0] = (words[1] ?? 0n) | (1n << BigInt(20 + draw(4)));
  return words;
}

const NAMES = Object.keys(commands) as CommandName[];
const SSEC = 1n << 10n;

/** A command of any kind, its fields drawn; seldom an opcode that there is not. */
export function drawGuestCommand(StreamID: number, draw: Draw): Words {
  if (oneIn(30, draw)) return [BigInt(pick([0x00, 0x07, 0x50, 0x70, 0xff], draw)), 0n];
  const name = pick(NAMES, draw);
  const { fields } = commands[name].layout as { readonly fields: Readonly<Record<string, BitField>> };
  const given: Record<string, number | bigint> = {};
  for (const [field, layout] of Object.entries(fields)) {
    if (field === 'StreamID') given[field] = StreamID;
    else if (layout.address === true) given[field] = pick([0n, 0x4000n], draw);
    else if (field !== 'SSec' && oneIn(3, draw)) given[field] = drawValue(layout, draw);
  }
  const [first, second] = encodeCommand(name, given as never);
  return [oneIn(12, draw) ? first | SSEC : first, oneIn(20, draw) ? second | (1n << 63n) : second];
}
