import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeWhole } from '../files.ts';
import { UsageError } from '../select/usage-error.ts';
import type { SavedScopes } from './done.ts';
import type { SavedColumns, SavedSearch } from './saved.ts';

/*
 * A checkpoint file: a line that says what it is, one line of JSON (what it is of, and everything small), the five
 * columns of 32-bit little-endian words, and a SHA-256 of all that. Worlds are not in it: they are made again by going
 * the ways to them, and must then have the fingerprints that are in it.
 */

const MAGIC = 'nestcheck-checkpoint/1\n';
const DIGEST_BYTES = 32;
const COLUMNS = ['lo', 'hi', 'parents', 'moves', 'backs'] as const;
const WORD_BYTES = 4;

/** Writing takes at most one part in so many of the time. */
const WRITING_SHARE = 10;

/** Everything that must be the same for a search to be gone on with, by name. */
export type Identity = Readonly<Record<string, string>>;

/** An exploration behind a finished level: as much as a checkpoint holds. */
export interface Saved {
  readonly done: SavedScopes;
  readonly search: SavedSearch;
}

export class Checkpoint {
  readonly #path: string;
  readonly #identity: Identity;
  /** What is newer than the file. */
  #unwritten: Saved | null = null;
  #written = 0;
  #writingTook = 0;

  constructor(path: string, identity: Identity) {
    this.#path = path;
    this.#identity = identity;
  }

  /**
   * What the file says; null where there is none.
   * @throws UsageError where it is torn, or of something else.
   */
  async read(): Promise<Saved | null> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      throw new UsageError(`${this.#path}: cannot be read (${code})`);
    }
    if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)))
      throw new UsageError(`${this.#path}: expected a checkpoint that begins with '${MAGIC.trimEnd()}'`);
    const content = bytes.subarray(0, bytes.length - DIGEST_BYTES);
    if (!digest(content).equals(bytes.subarray(content.length)))
      throw new UsageError(`${this.#path}: the checkpoint is torn: its checksum is wrong`);
    const headerEnd = content.indexOf('\n', MAGIC.length);
    const header = JSON.parse(content.toString('utf8', MAGIC.length, headerEnd)) as Header;
    this.#expectOwn(header.identity);
    return savedOf(header, content.subarray(headerEnd + 1));
  }

  /** Takes what a finished level came to, and writes it if the last time was long enough ago. */
  async level(saved: Saved): Promise<void> {
    this.#unwritten = saved;
    if (performance.now() - this.#written >= this.#writingTook * WRITING_SHARE) await this.flush();
  }

  /** Writes what is newer than the file. */
  async flush(): Promise<void> {
    if (this.#unwritten === null) return;
    const started = performance.now();
    const content = contentOf(this.#identity, this.#unwritten);
    try {
      await writeWhole(this.#path, Buffer.concat([content, digest(content)]));
    } catch (error) {
      throw new UsageError(`${this.#path}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    this.#unwritten = null;
    this.#written = performance.now();
    this.#writingTook = this.#written - started;
  }

  /** @throws UsageError naming the first thing that differs. */
  #expectOwn(identity: Identity): void {
    for (const [name, expected] of Object.entries(this.#identity)) {
      const found = identity[name];
      if (found === expected) continue;
      const why = name === 'sources' ? 'other sources of nestcheck or of a design' : `${name} ${found}`;
      const here = name === 'sources' ? '' : `, expected ${expected}`;
      throw new UsageError(`${this.#path}: the checkpoint is of another exploration: ${why}${here}`);
    }
  }
}

interface Header {
  readonly identity: Identity;
  readonly states: number;
  readonly done: Saved['done'];
  readonly search: Omit<Saved['search'], 'columns'>;
}

function contentOf(identity: Identity, { done, search: { columns, ...search } }: Saved): Buffer {
  const header: Header = { identity, states: columns.lo.length, done, search };
  const words = COLUMNS.map((name) => {
    const { buffer, byteOffset, byteLength } = columns[name];
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  return Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`), ...words]);
}

function savedOf({ states, done, search }: Header, bytes: Buffer): Saved {
  const column = (at: number): ArrayBuffer => {
    const start = bytes.byteOffset + at * states * WORD_BYTES;
    return bytes.buffer.slice(start, start + states * WORD_BYTES) as ArrayBuffer;
  };
  const columns: SavedColumns = {
    lo: new Int32Array(column(0)),
    hi: new Int32Array(column(1)),
    parents: new Uint32Array(column(2)),
    moves: new Uint32Array(column(3)),
    backs: new Uint32Array(column(4)),
  };
  return { done, search: { ...search, columns } };
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
