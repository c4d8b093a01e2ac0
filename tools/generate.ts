import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../checker/files.ts';
import { ROOT } from './committed.ts';
import { generatedPages } from './pages.ts';
import { strayPages } from './stray.ts';

/*
 * npm run docs: writes every generated page, and removes those that nothing generates any more. A test says which one
 * is out of date.
 */
const pages = await generatedPages();
for (const { path, content } of pages) await writeWhole(join(ROOT, path), content);
for (const path of await strayPages(pages)) {
  await rm(join(ROOT, path));
  process.stdout.write(`removed ${path}\n`);
}
process.stdout.write(`${pages.length} pages\n`);
