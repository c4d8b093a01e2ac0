import type { VtdFile } from './vtd-file.ts';

/** Memory of the recorded machine over the time of a configuration or an episode: every word as it was at each moment. */
export class RecordedMemory {
  readonly #file: Pick<VtdFile, 'ram' | 'stamped'>;
  readonly #first: ReadonlyMap<bigint, bigint>;
  readonly #later = new Map<bigint, { readonly time: number; readonly word: bigint }[]>();
  /** Moments at which something changed, ascending. */
  readonly changes: number[] = [];
  /** The moment that it is. */
  now = 0;

  constructor(file: Pick<VtdFile, 'ram' | 'stamped'>, first: ReadonlyMap<bigint, bigint>) {
    this.#file = file;
    this.#first = first;
  }

  readonly read = (address: bigint): bigint | undefined => this.readAt(address, this.now);

  /** Undefined outside RAM. */
  readAt(address: bigint, time: number): bigint | undefined {
    if (!this.isRam(address, 8n)) return undefined;
    const later = this.#later.get(address);
    for (let index = (later?.length ?? 0) - 1; index >= 0; index--) {
      const entry = later?.[index];
      if (entry !== undefined && entry.time <= time) return entry.word;
    }
    return this.#first.get(address) ?? this.#stamp(address);
  }

  /** A new moment begins, in which a word has another value. */
  write(address: bigint, word: bigint): void {
    this.tick();
    const later = this.#later.get(address);
    const entry = { time: this.now, word };
    if (later === undefined) this.#later.set(address, [entry]);
    else later.push(entry);
  }

  tick(): void {
    this.now++;
    this.changes.push(this.now);
  }

  isRam(address: bigint, bytes: bigint): boolean {
    return this.#file.ram.some(({ base, size }) => address >= base && address + bytes <= base + size);
  }

  isStamped(address: bigint, bytes: bigint): boolean {
    const { base, size } = this.#file.stamped;
    return address >= base && address + bytes <= base + size;
  }

  #stamp(address: bigint): bigint {
    return this.isStamped(address, 8n) ? address | ((address + 4n) << 32n) : 0n;
  }
}
