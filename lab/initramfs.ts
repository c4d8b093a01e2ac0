import { type ArchiveEntry, newcArchive } from './newc.ts';

const folder = (name: string): ArchiveEntry => ({ name, content: null });

/**
 * What a guest starts from: a first process and other files, behind a changed IORT where there is one. Tables come first and
 * uncompressed: the kernel looks for them before it unpacks anything.
 */
export function initramfs(
  iort: Uint8Array | null,
  init: Uint8Array,
  files: readonly ArchiveEntry[] = [],
): Uint8Array {
  const tables: readonly ArchiveEntry[] =
    iort === null
      ? []
      : [
          ...['kernel', 'kernel/firmware', 'kernel/firmware/acpi'].map(folder),
          { name: 'kernel/firmware/acpi/iort.aml', content: iort },
        ];
  const rest = [folder('dev'), { name: 'init', content: init, executable: true as const }, ...files];
  return Buffer.concat([...(tables.length > 0 ? [newcArchive(tables)] : []), newcArchive(rest)]);
}
