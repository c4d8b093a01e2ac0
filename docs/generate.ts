import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './committed.ts';
import { generatedPages } from './pages.ts';

/*
 * npm run docs: writes every generated page. A test says which one is out of date.
 */
for (const { path, content } of await generatedPages()) {
  await writeFile(join(ROOT, path), content);
  process.stdout.write(`${path}\n`);
}
