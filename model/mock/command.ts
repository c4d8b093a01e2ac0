import { descriptor, inUnit, u64 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, type CommandDeclaration, command, made } from '../../spec/command/declaration.ts';
import { type IoctlArgsOf, ioctlCommand } from '../../spec/command/of-struct.ts';
import { TEST_OPS, type TestName } from '../../spec/iommufd/selftest.ts';

/** Calls of the selftests beside IOMMU_TEST_CMD. */
export const MAPPING_COMMANDS = {
  mockMmap: command(
    ['vmm'],
    'mmap() of a file in memory, or of the page that a mock vIOMMU has for it on its iommufd.',
    { fd: descriptor('fd'), va: u64, length: inUnit('bytes', u64), offset: u64 },
  ),
  mockMunmap: command(['vmm'], 'munmap() of one of these.', { va: u64 }),
};

/** Each operation of IOMMU_TEST_CMD as a command. */
const OPERATIONS = Object.fromEntries(
  Object.entries(TEST_OPS).map(([name, table]) => [name, ioctlCommand(table, 'iommufd')]),
) as { readonly [N in TestName]: CommandDeclaration };

export const MOCK_COMMANDS = {
  ...OPERATIONS,
  // The descriptor is what the call returns, and no field of its struct.
  mockDmabuf: { ...OPERATIONS.mockDmabuf, binds: [made('fd', 'fd')] },
  ...MAPPING_COMMANDS,
};

type TestArgs = { readonly [N in TestName]: IoctlArgsOf<(typeof TEST_OPS)[N]> };

export type MappingArgs = ArgsOfAll<typeof MAPPING_COMMANDS>;

declare module '../world/command.ts' {
  interface CommandArgs extends TestArgs, MappingArgs {}
}
