import { expect, it } from 'vitest';
import { catalogue } from '../../checker/catalogue.ts';
import { listCommands } from '../../checker/command-list.ts';
import { COMMANDS } from '../../model/world/command.ts';

it('every command is listed once, with who may give it and what it takes', () => {
  const items = listCommands();
  expect(items.map(({ name }) => name)).toEqual(Object.keys(COMMANDS));
  for (const { summary, by } of items) {
    expect(summary.length).toBeGreaterThan(5);
    expect(by.length).toBeGreaterThan(0);
  }
  expect(catalogue('commands')).toEqual(items);
});

it('says types, ranges, names, units and defaults', () => {
  const { args, by, source } = listCommands().find(({ name }) => name === 'hwptAlloc') ?? { args: [] };
  expect({ by, source }).toEqual({ by: ['vmm'], source: 'IOMMU_HWPT_ALLOC, struct iommu_hwpt_alloc' });
  expect(args.find(({ name }) => name === 'flags')).toEqual({
    name: 'flags',
    type: 'u32',
    min: 0,
    max: 0xffff_ffff,
    default: 0,
    flags: { NEST_PARENT: 1, DIRTY_TRACKING: 2, FAULT_ID_VALID: 4, PASID: 8 },
  });
  expect(args.find(({ name }) => name === 'size')).toMatchObject({ unit: 'bytes', default: 48 });
  expect(args.find(({ name }) => name === 'devId')).toMatchObject({ type: 'id', of: 'device', min: 0 });
});
