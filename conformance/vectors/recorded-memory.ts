import type { ReadMemory64 } from '../../model/smmu/architecture/access.ts';
import type { SequenceFile } from './sequence-file.ts';

/** Memory of the recorded machine during an episode. */
export class RecordedMemory {
  readonly #file: Pick<SequenceFile, 'ram' | 'stamped'>;
  readonly #words: Map<bigint, bigint>;

  constructor(file: Pick<SequenceFile, 'ram' | 'stamped'>, words: ReadonlyMap<bigint, bigint>) {
    this.#file = file;
    this.#words = new Map(words);
  }

  /** Undefined outside RAM. */
  readonly read: ReadMemory64 = (address) => {
    if (!this.#file.ram.some(({ start, end }) => address >= start && address + 8n <= end)) return undefined;
    return this.#words.get(address) ?? this.#stamp(address);
  };

  /** Words from an address on. */
  write(address: bigint, words: readonly bigint[]): void {
    for (const [at, word] of words.entries()) this.#words.set(address + 8n * BigInt(at), word);
  }

  isStamped(address: bigint): boolean {
    const { start, length } = this.#file.stamped;
    return address >= start && address < start + length;
  }

  /** The low half of each word's own address, twice: of its two halves. */
  #stamp(address: bigint): bigint {
    if (!this.isStamped(address)) return 0n;
    return BigInt.asUintN(32, address) | (BigInt.asUintN(32, address + 4n) << 32n);
  }
}
