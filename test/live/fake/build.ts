import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';

/** What of QEMU's machines is made: the one with an SMMUv3, or one of those with a remapping unit. */
export type FakeKind = 'smmu' | 'scalable-first' | 'scalable-second' | 'legacy-48' | 'legacy-39';

/** Makes the program of qemu.ts; gives paths that start it as a machine of a kind, each in its own way. */
export async function fakeQemus<How extends string>(
  kind: FakeKind,
  hows: readonly How[],
): Promise<Readonly<Record<How, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-fake-'));
  const file = join(folder, 'fake-qemu.mjs');
  await build({
    input: join(import.meta.dirname, 'qemu.ts'),
    platform: 'node',
    output: { file, format: 'esm' },
    logLevel: 'silent',
  });
  const paths: Partial<Record<How, string>> = {};
  for (const how of hows) {
    const path = join(folder, how);
    await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${file}' ${kind} ${how} "$@"\n`);
    await chmod(path, 0o755);
    paths[how] = path;
  }
  return paths as Readonly<Record<How, string>>;
}
