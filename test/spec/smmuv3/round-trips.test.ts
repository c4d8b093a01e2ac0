import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decode, encode, type Layout, maskOf } from '../../../spec/bits.ts';
import { cd, l1ContextDescriptor } from '../../../spec/smmuv3/cd.ts';
import { commands } from '../../../spec/smmuv3/command.ts';
import { events } from '../../../spec/smmuv3/event.ts';
import { idRegisters } from '../../../spec/smmuv3/id-registers.ts';
import * as registers from '../../../spec/smmuv3/registers.ts';
import { l1StreamTableDescriptor, ste } from '../../../spec/smmuv3/ste.ts';
import { arbitraryRecord, arbitraryWords } from '../layouts.ts';

const layouts: readonly Layout[] = [
  ste,
  cd,
  l1StreamTableDescriptor,
  l1ContextDescriptor,
  ...Object.values(idRegisters),
  registers.cr0,
  registers.cr2,
  registers.gbpa,
  registers.strtabBase,
  registers.strtabBaseCfg,
  registers.eventqProd,
  registers.cmdqCons,
  registers.gerror,
  ...Object.values(commands).map((command) => command.layout),
  ...Object.values(events).map((event) => event.layout),
];

describe.each(layouts.map((of) => [of.name, of] as const))('%s', (_, of) => {
  test.prop([arbitraryWords(of)])('keeps every defined bit of any words', (words) => {
    const masks = maskOf(of);
    expect(encode(of, decode(of, words))).toEqual(words.map((word, index) => word & (masks[index] ?? 0n)));
  });

  test.prop([arbitraryRecord(of)])('gives every record back', (record) => {
    expect(decode(of, encode(of, record))).toEqual(record);
  });

  test.prop([arbitraryWords(of), fc.nat()])('decodes each field from its own bits only', (words, pick) => {
    const field = of.plan[pick % Math.max(of.plan.length, 1)];
    if (field === undefined) return;
    const others = words.map((word, index) => (index === field.word ? word & field.mask : 0n));
    expect(decode(of, others)[field.name]).toBe(decode(of, words)[field.name]);
  });
});
