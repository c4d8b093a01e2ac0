import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ArchiveEntry } from './newc.ts';

/** Everything below a folder, as an archive has it; all files there are programs and libraries. */
export async function entriesBelow(folder: string): Promise<readonly ArchiveEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = await Promise.all(
    found.map(async (each): Promise<ArchiveEntry> => {
      const path = join(each.parentPath, each.name);
      const name = relative(folder, path);
      return each.isDirectory()
        ? { name, content: null }
        : { name, content: await readFile(path), executable: true };
    }),
  );
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
