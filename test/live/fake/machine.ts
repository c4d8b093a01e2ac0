/** A machine as `QtestTarget` expects it, around an IOMMU that is the model's. */
export interface FakeMachine {
  readonly isTranslating: boolean;
  reset(): void;
  write(address: bigint, bytes: Uint8Array): void;
  read(address: bigint, size: number): Uint8Array;
  /** A register, of the IOMMU or of a device, or memory. */
  store(address: bigint, value: bigint, size: 4 | 8): void;
  load(address: bigint): bigint;
  /** To a port of a PC. */
  out(port: number, value: number): void;
  /** DMAs that were asked for are done; gives how they were. `ends`: at one of them the emulator does. */
  tick(): readonly ('read' | 'write' | 'ends')[];
}

export function wordIn(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
