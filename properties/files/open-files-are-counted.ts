import type { World } from '../../model/world/world.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** What holds each file: descriptors, mappings and calls of all processes. */
function holdersOf({ processes, mock, files }: World): readonly number[] {
  const counts = files.map(() => 0);
  const count = (index: number | null): void => {
    if (index !== null) counts[index] = (counts[index] ?? 0) + 1;
  };
  for (const { fds, mappings, calls } of Object.values(processes)) {
    for (const index of fds) count(index);
    for (const { file } of mappings) count(file);
    for (const { file } of calls) count(file);
  }
  for (const { file } of mock?.mappings ?? []) count(file);
  for (const { file } of mock?.pages ?? []) count(file);
  return counts;
}

export const openFilesAreCounted: StateProperty = {
  id: 'open-files-are-counted',
  sentence:
    'An open file has one reference for each descriptor, each mapping and each call in flight, and is released with the last of them.',
  source: 'close(2), mmap(2); fs/file_table.c: fput()',
  kind: 'state',
  appliesTo: hasFreeProcess,
  brokenBy: 'queue-file-released-late',
  violated(world) {
    for (const [index, held] of holdersOf(world).entries()) {
      const file = world.files[index] ?? null;
      const refs = file?.refs ?? 0;
      if (held !== refs) return `file ${index} counts ${refs} references, and ${held} things hold it`;
      // A file in memory stays with what is mapped of it.
      if (file !== null && refs === 0 && file.mapped !== true) return `file ${index} is not released`;
    }
    return null;
  },
  witness: (world) => world.files.some((file) => file !== null && file.refs > 1),
};
