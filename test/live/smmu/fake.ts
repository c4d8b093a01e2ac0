import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';

/** Makes the program of fake-qemu.ts; gives paths that start it, each with one first word. */
export async function fakeQemus<How extends string>(
  hows: readonly How[],
): Promise<Readonly<Record<How, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-fake-'));
  const file = join(folder, 'fake-qemu.mjs');
  await build({
    input: join(import.meta.dirname, 'fake-qemu.ts'),
    platform: 'node',
    output: { file, format: 'esm' },
    logLevel: 'silent',
  });
  const paths: Partial<Record<How, string>> = {};
  for (const how of hows) {
    const path = join(folder, how);
    await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${file}' ${how} "$@"\n`);
    await chmod(path, 0o755);
    paths[how] = path;
  }
  return paths as Readonly<Record<How, string>>;
}
