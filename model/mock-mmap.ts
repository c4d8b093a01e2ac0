import { dropFile } from './files.ts';
import { mockPageBytes } from './iommufd/mock-page.ts';
import { mockOf, putMock } from './iommufd/mock-state.ts';
import { addUsers, contextObjects, getOf } from './iommufd/object-table.ts';
import type { CommandArgs } from './world/command.ts';
import { fileOf, holdFile } from './world/files.ts';
import type { Handlers } from './world/machine.ts';
import { done, type Result, refused } from './world/result.ts';
import type { Tx } from './world/tx.ts';

/** mmap(): of a file in memory from its beginning on, or of the page of a vIOMMU (iommufd_fops_mmap()). */
function mmap(tx: Tx, args: CommandArgs['mockMmap'], actor: string): Result {
  const file = fileOf(tx, actor, args.fd);
  const open = file === null ? null : (tx.world.files[file.index] ?? null);
  if (file === null || open === null) return refused('EBADF');
  if (tx.world.mock === null) return refused('ENODEV');
  const { va, length, offset } = args;
  if (length === 0n || length % tx.world.platform.kernel.pageSize !== 0n) return refused('EINVAL');
  const mock = mockOf(tx);
  if (file.of.kind === 'memory') {
    if (offset !== 0n) return refused('EINVAL');
    putMock(tx, { ...mock, mappings: [...mock.mappings, { va, length, file: file.index }] });
  } else if (file.of.kind === 'iommufd') {
    const { ctx } = file.of;
    const viommu = contextObjects(tx, ctx).findIndex(
      (slot) => slot?.type === 'viommu' && slot.page === offset,
    );
    if (viommu < 0 || length !== mockPageBytes(tx)) return refused('ENXIO');
    putMock(tx, { ...mock, pages: [...mock.pages, { va, file: file.index, ctx, viommu }] });
    addUsers(tx, ctx, viommu, 1);
  } else return refused('ENODEV');
  holdFile(tx, file.index);
  return done();
}

function munmap(tx: Tx, { va }: CommandArgs['mockMunmap']): Result {
  const { mock } = tx.world;
  const page = mock?.pages.find((each) => each.va === va);
  const mapping = mock?.mappings.find((each) => each.va === va);
  if (mock === null) return done();
  if (page !== undefined) {
    putMock(tx, { ...mock, pages: mock.pages.filter((each) => each !== page) });
    if (getOf(tx, page.ctx, page.viommu, 'viommu') !== null) addUsers(tx, page.ctx, page.viommu, -1);
    dropFile(tx, page.file);
  } else if (mapping !== undefined) {
    putMock(tx, { ...mock, mappings: mock.mappings.filter((each) => each !== mapping) });
    dropFile(tx, mapping.file);
  }
  return done();
}

/** Mappings hold their files, as those of BARs do. */
export const MOCK_MAPPINGS: Handlers<'mockMmap' | 'mockMunmap'> = {
  mockMmap: mmap,
  mockMunmap: (tx, args) => munmap(tx, args),
};
