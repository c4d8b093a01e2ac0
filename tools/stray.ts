import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './committed.ts';
import { GENERATED_FOLDERS, type Page } from './pages.ts';

/** Pages in the generated folders that nothing generates any more. */
export async function strayPages(pages: readonly Page[]): Promise<readonly string[]> {
  const generated = new Set(pages.map(({ path }) => path));
  const stray: string[] = [];
  for (const folder of GENERATED_FOLDERS) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    const paths = names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
    stray.push(...paths.filter((path) => !generated.has(path)));
  }
  return stray.sort();
}
