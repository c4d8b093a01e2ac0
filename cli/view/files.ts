import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  GALLERY_FILE,
  type Given,
  hostedDocument,
  SCRIPT_FILE,
  STYLE_FILE,
  wholeDocument,
} from '../../checker/pages/explorer.ts';
import { UsageError } from '../../checker/select/usage-error.ts';

/** The explorer as it was built. */
export interface Built {
  readonly gallery: string;
  readonly script: string;
  readonly style: string;
}

/**
 * Reads what was built with the package.
 * @throws UsageError where it is not there.
 */
export async function builtExplorer(): Promise<Built> {
  const root = dirname(createRequire(import.meta.url).resolve('nestcheck/package.json'));
  try {
    const [gallery = '', script = '', style = ''] = await Promise.all(
      [GALLERY_FILE, SCRIPT_FILE, STYLE_FILE].map((name) => readFile(join(root, 'dist/page', name), 'utf8')),
    );
    return { gallery, script, style };
  } catch {
    throw new UsageError('dist/page: expected the explorer, which npm run page builds');
  }
}

/** What is served, by path. */
export function servedFiles(
  { gallery, script, style }: Built,
  given: Given | null,
): ReadonlyMap<string, Served> {
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', text: hostedDocument({ gallery, given }) }],
    [`/${SCRIPT_FILE}`, { type: 'text/javascript; charset=utf-8', text: script }],
    [`/${STYLE_FILE}`, { type: 'text/css; charset=utf-8', text: style }],
  ]);
}

export interface Served {
  readonly type: string;
  readonly text: string;
}

/** One file with everything in it. */
export function wholeFile({ gallery, script, style }: Built, given: Given | null): string {
  return wholeDocument({ gallery, given }, { script, style }, (text) =>
    createHash('sha256').update(text).digest('base64'),
  );
}
