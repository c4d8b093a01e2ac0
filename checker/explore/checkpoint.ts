import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { writeWhole } from '../files.ts';
import { oneLine } from '../outside/text.ts';
import { inFile, UsageError } from '../select/usage-error.ts';
import { JsonError, readJson } from '../trace/json.ts';
import { type Header, headerSchema, wrongColumns } from './checkpoint-schema.ts';
import type { SavedScopes } from './done.ts';
import type { SavedColumns, SavedSearch } from './saved.ts';

/*
 * A checkpoint file: a line that says what it is, one line of JSON (what it is of, and everything small), the five
 * columns of 32-bit little-endian words, and a SHA-256 of all that. Worlds are not in it: they are made again by going
 * the ways to them, and must then have the fingerprints that are in it.
 */

const MAGIC = 'nestcheck-checkpoint/1\n';
const DIGEST_BYTES = 32;
/** Bytes of the first line: traces and counts, but no states. */
const MAX_HEADER = 16 * 1024 * 1024;
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
    const file = await this.#open();
    if (file === null) return null;
    try {
      return await this.#readFrom(file);
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle | null> {
    try {
      return await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      throw this.error(`cannot be read (${code})`);
    }
  }

  /** The small parts first: no more is read than what they say that there is. */
  async #readFrom(file: FileHandle): Promise<Saved> {
    const stats = await file.stat();
    if (!stats.isFile()) throw this.error('expected a file');
    const room = Math.max(0, stats.size - DIGEST_BYTES);
    const start = await readAt(file, 0, Math.min(room, MAGIC.length + MAX_HEADER));
    if (!start.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)))
      throw this.error(`expected a checkpoint that begins with '${MAGIC.trimEnd()}'`);
    const end = start.indexOf('\n', MAGIC.length);
    if (end < 0) throw this.error('the checkpoint is torn: its header has no end');
    const header = this.#headerOf(start.toString('utf8', MAGIC.length, end));
    this.#expectOwn(header.identity);
    const { states } = header;
    if (room !== end + 1 + COLUMNS.length * states * WORD_BYTES)
      throw this.error('the checkpoint is torn: its length is not that of its states');
    const content = await readAt(file, 0, stats.size);
    if (!digest(content.subarray(0, room)).equals(content.subarray(room)))
      throw this.error('the checkpoint is torn: its checksum is wrong');
    const saved = savedOf(header, content.subarray(end + 1, room));
    const wrong = wrongColumns(saved.search.columns, saved.search.depth);
    if (wrong !== null) throw this.error(`expected a checkpoint that nestcheck wrote: ${wrong}`);
    return saved;
  }

  #headerOf(text: string): Header {
    let json: unknown;
    try {
      json = readJson(text).value;
    } catch (error) {
      if (error instanceof JsonError) throw this.error(`its header: ${error.message}`);
      throw error;
    }
    const parsed = headerSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = oneLine(issue?.path.map(String).join('.') || 'the header', 100);
    throw this.error(`${where}: ${oneLine(issue?.message ?? 'out of shape', 160)}`);
  }

  /** An error that names the file. */
  error(message: string): UsageError {
    return new UsageError(inFile(this.#path, null, message));
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
      throw this.error(`cannot be written (${(error as NodeJS.ErrnoException).code})`);
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
      throw this.error(`the checkpoint is of another exploration: ${oneLine(why, 80)}${oneLine(here, 80)}`);
    }
  }
}

function contentOf(identity: Identity, { done, search: { columns, ...search } }: Saved): Buffer {
  const header = { identity, states: columns.lo.length, done, search };
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

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let have = 0;
  while (have < length) {
    const { bytesRead } = await file.read(bytes, have, length - have, position + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return bytes.subarray(0, have);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
