/** One file or folder of an archive. */
export interface ArchiveEntry {
  readonly name: string;
  /** Null: a folder. */
  readonly content: Uint8Array | null;
  readonly executable?: true;
}

const ALIGNMENT = 4;

/**
 * A cpio archive in the `newc` format (Documentation/driver-api/early-userspace/buffer-format.rst), as the kernel unpacks
 * it: equal entries give equal bytes.
 */
export function newcArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const parts = [...entries, { name: 'TRAILER!!!', content: new Uint8Array() }].map((entry, index) =>
    entryBytes(entry, index + 1),
  );
  return Buffer.concat(parts);
}

function entryBytes({ name, content, executable }: ArchiveEntry, inode: number): Buffer {
  const data = Buffer.from(content ?? []);
  const mode = content === null ? 0o040755 : executable ? 0o100755 : 0o100644;
  const fields = [
    inode,
    mode,
    0,
    0,
    content === null ? 2 : 1,
    0,
    data.length,
    0,
    0,
    0,
    0,
    name.length + 1,
    0,
  ];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(header, 'latin1')), padded(data)]);
}

function padded(bytes: Buffer): Buffer {
  const missing = (ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
