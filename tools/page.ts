import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { GALLERY_FILE, hostedDocument, SCRIPT_FILE, STYLE_FILE } from '../checker/pages/explorer.ts';
import { ROOT } from './committed.ts';
import { committedGallery } from './gallery.ts';

/*
 * npm run page: writes the explorer into dist/page, as files that any web server can serve.
 */

const FOLDER = join(ROOT, 'dist/page');

/** Bytes, compressed, that the whole page may have. */
const MOST_BYTES = 1_500_000;

const gallery = JSON.stringify(await committedGallery());
const { output } = await build({
  input: join(ROOT, 'page/view/main.tsx'),
  platform: 'browser',
  tsconfig: false,
  transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // What a browser does not have would be left out with no more than a warning.
  onLog: (_level, { message }) => {
    throw new Error(message);
  },
  moduleTypes: { '.css': 'text' },
  output: { format: 'iife', minify: true },
  write: false,
});
const styles = ['page/drawing/drawing.css', 'page/view/page.css'].map((path) =>
  readFile(join(ROOT, path), 'utf8'),
);
const files: Readonly<Record<string, string>> = {
  'index.html': hostedDocument({ gallery, given: null }),
  [SCRIPT_FILE]: output[0].code,
  [STYLE_FILE]: (await Promise.all(styles)).join('\n'),
  [GALLERY_FILE]: gallery,
};
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
for (const [name, text] of Object.entries(files)) await writeFile(join(FOLDER, name), text);
// The gallery is in the document; the file is for what makes other documents.
const served = Object.entries(files).filter(([name]) => name !== GALLERY_FILE);
const size = (compress: (text: string) => Uint8Array): number =>
  served.reduce((sum, [, text]) => sum + compress(text).length, 0);
const [gzip, brotli] = [size(gzipSync), size(brotliCompressSync)];
process.stdout.write(`dist/page: ${gzip} bytes with gzip, ${brotli} with brotli\n`);
if (gzip > MOST_BYTES) throw new Error(`the page has more than ${MOST_BYTES} bytes`);
