/*
 * The IO Remapping Table (Arm DEN 0049E). Linux makes no vIOMMU for a device whose root complex does not promise coherent
 * DMA whatever its attributes (CANWBS), and QEMU's table does not say so: this makes a table that does, which the kernel
 * takes from the initramfs in the place of the firmware's (ACPI_TABLE_UPGRADE).
 */

const ROOT_COMPLEX = 2;

/** Offsets in the table, and in a node. */
const LENGTH = 4;
const CHECKSUM = 9;
const OEM_REVISION = 24;
const NODE_COUNT = 36;
const NODE_OFFSET = 40;
const NODE_TYPE = 0;
const NODE_LENGTH = 1;
/** Memory properties of a root complex node begin at 16; the memory access flags are their last byte. */
const MEMORY_ACCESS_FLAGS = 16 + 7;

/** Coherent path, device attributes respected as write-back, and CANWBS. */
const CANWBS = 1 << 2;

export class IortError extends Error {
  override readonly name = 'IortError';
}

/** The table with CANWBS on every root complex. @throws IortError where it is no IORT. */
export function withCanwbs(table: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(table);
  const view = new DataView(bytes.buffer);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 4)) !== 'IORT' || bytes.length < NODE_OFFSET + 4)
    throw new IortError('expected an IORT');
  if (view.getUint32(LENGTH, true) !== bytes.length)
    throw new IortError(`expected a table of ${view.getUint32(LENGTH, true)} bytes, not ${bytes.length}`);
  let at = view.getUint32(NODE_OFFSET, true);
  for (let left = view.getUint32(NODE_COUNT, true); left > 0; left--) {
    const length = at + 4 > bytes.length ? 0 : view.getUint16(at + NODE_LENGTH, true);
    if (length === 0 || at + length > bytes.length)
      throw new IortError('expected nodes that fit into the table');
    if (bytes[at + NODE_TYPE] === ROOT_COMPLEX) bytes[at + MEMORY_ACCESS_FLAGS]! |= CANWBS;
    at += length;
  }
  view.setUint32(OEM_REVISION, view.getUint32(OEM_REVISION, true) + 1, true);
  bytes[CHECKSUM] = 0;
  bytes[CHECKSUM] = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return bytes;
}
