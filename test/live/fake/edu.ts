import { EDU } from '../../../live/emulated/operations.ts';

const BAR_BYTES = 0x10_0000;

/** A transfer that a device was told to make. */
export interface Transfer {
  readonly write: boolean;
  readonly address: bigint;
  readonly count: number;
  readonly offset: number;
}

/** QEMU's `edu`, as far as it is told to do DMA. */
export class FakeEdu {
  bar = 0;
  enabled = false;
  readonly buffer = new Uint8Array(EDU.bufferBytes);
  readonly #registers = new Map<number, bigint>();
  #pending = false;

  reset(): void {
    this.enabled = false;
    this.#pending = false;
  }

  has(address: number): boolean {
    return this.enabled && address >= this.bar && address < this.bar + BAR_BYTES;
  }

  store(address: number, value: bigint): void {
    const offset = address - this.bar;
    this.#registers.set(offset, value);
    if (offset === Number(EDU.command)) this.#pending = (value & 1n) === 1n;
  }

  /** What is to be done by now. */
  take(): Transfer | null {
    if (!this.#pending) return null;
    this.#pending = false;
    const at = (offset: bigint): bigint => this.#registers.get(Number(offset)) ?? 0n;
    const write = at(EDU.command) === BigInt(EDU.toMemory);
    const [inBuffer, address] = write
      ? [at(EDU.source), at(EDU.destination)]
      : [at(EDU.destination), at(EDU.source)];
    return { write, address, count: Number(at(EDU.count)), offset: Number(inBuffer - EDU.buffer) };
  }
}
