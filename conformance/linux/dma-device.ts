import { sameBytes } from '../../model/world/memory/memory.ts';

/** QEMU's `edu` device: a buffer that DMA fills and empties. Its one MSI is the world's (`DeviceState.messages`). */
export interface DmaDevice {
  /** Kept whatever the process does to the device; never changed in place. */
  readonly buffer: Uint8Array;
  /** It was filled from a file or from registers, so that what it has is not known; absent: it is. */
  readonly isUnknown?: true;
}

export const BUFFER_BYTES = 4096;

export const idleDevice: DmaDevice = Object.freeze({ buffer: new Uint8Array(BUFFER_BYTES) });

export function sameBuffer(a: DmaDevice, b: DmaDevice | undefined): boolean {
  if (a.isUnknown !== b?.isUnknown) return false;
  return a.buffer === b?.buffer || (b !== undefined && sameBytes(a.buffer, b.buffer));
}
