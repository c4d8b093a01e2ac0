import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import { decode } from '../../spec/bits.ts';
import { VTD_REGISTER_OFFSETS, type WrittenRegister } from '../../spec/vtd/register-offsets.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import { VTD_RAM, VTD_SOURCES } from '../../workload/scopes/emulated-vtd-memory.ts';

/** Below it a PC has more than RAM. */
export const RAM = { first: 0x10_0000n, end: VTD_RAM.end } as const;

/** Pages for what devices' buffers are filled from and emptied to: no pointer leads there by one bit. */
export const PATTERN = 0xf00_0000n;
export const SCRATCH = 0xf10_0000n;

const UNIT = 0xfed9_0000n;

export const registerAt = (name: keyof typeof VTD_REGISTER_OFFSETS): bigint =>
  UNIT + BigInt(VTD_REGISTER_OFFSETS[name]);

type Capabilities = Pick<EmulatedVtdHardware, 'cap' | 'ecap'>;

/** Where the two words of the fault recording register are. */
export function recordAt(hardware: Capabilities): bigint {
  return UNIT + BigInt(decode(cap, [hardware.cap]).FRO) * 16n;
}

/** Where a register is that a guest writes, and its bytes. */
export function writtenAt(
  hardware: Capabilities,
  name: WrittenRegister,
): { readonly address: bigint; readonly bytes: 4 | 8 } {
  const pages = UNIT + BigInt(decode(ecap, [hardware.ecap]).IRO) * 16n;
  switch (name) {
    case 'GCMD':
    case 'FSTS':
    case 'ICS':
      return { address: registerAt(name), bytes: 4 };
    case 'IVA':
      return { address: pages, bytes: 8 };
    case 'IOTLB':
      return { address: pages + 8n, bytes: 8 };
    case 'FRCD':
      return { address: recordAt(hardware) + 8n, bytes: 8 };
    default:
      return { address: registerAt(name), bytes: 8 };
  }
}

/** Registers of devices, in windows of bridges where there are some before them. */
const BARS: Readonly<Record<number, bigint>> = { 256: 0xc100_0000n, 768: 0xc200_0000n };
const ROOT_BARS = 0xc000_0000n;
const BAR_BYTES = 0x10_0000n;

/** The registers of one device, by its source id. */
export function barOf(source: number): bigint {
  return BARS[source] ?? ROOT_BARS + BigInt(VTD_SOURCES.indexOf(source)) * BAR_BYTES;
}
