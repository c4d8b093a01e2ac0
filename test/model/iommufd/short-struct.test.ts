import { describe, expect, it } from 'vitest';
import { DEFAULT_ARGS } from '../../../model/door.ts';
import { withinSize } from '../../../model/iommufd/short-struct.ts';
import { IOCTLS } from '../../../spec/iommufd/ioctls.ts';

const table = IOCTLS.hwptAlloc;
const nested = {
  ...DEFAULT_ARGS.hwptAlloc,
  ptId: 3,
  dataType: 2,
  dataLen: 16,
  dataUptr: 'buffer' as const,
  data: [1n, 0n],
};

describe('a struct that is shorter than the kernel’s', () => {
  it('says nothing of the fields behind its end', () => {
    expect(withinSize(table, { ...nested, size: 24 })).toMatchObject({
      ptId: 3,
      dataType: 0,
      dataLen: 0,
      dataUptr: 'null',
    });
  });

  it('says the low bytes of a field that its end cuts', () => {
    const cut = withinSize(table, { ...nested, size: 29, dataLen: 0x1234 });
    expect(cut).toMatchObject({ dataType: 2, dataLen: 0x34, dataUptr: 'null' });
  });

  it('is the same where all of it is there', () => {
    expect(withinSize(table, nested)).toBe(nested);
  });
});
