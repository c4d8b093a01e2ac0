import type { LiveStep } from '../step.ts';
import { isRam, PAGES } from './layout.ts';
import { hexOf } from './planned.ts';

/*
 * DMA of QEMU's `edu` behind the VMM, by its registers: what the device writes is found by looking where something else
 * was stored before.
 */

const EDU = { source: 0x80n, destination: 0x88n, length: 0x90n, command: 0x98n, buffer: 0x4_0000n } as const;
const START = 1n;
const TO_MEMORY = 2n;

/** What `edu` takes for a transfer: a tenth of a second, in which nothing is to be asked. */
const TRANSFER_MS = 101;

/** An event of the host's SMMU passes through the kernel and the VMM's loop. */
const SETTLE_MS = 40;

export interface Dma {
  readonly operations: readonly string[];
  /** What it may reach, and what is stored there before. */
  readonly places: readonly bigint[];
  readonly marker: string;
  /** Reads of these places, where it writes. */
  readonly looks: readonly string[];
}

/** How a device with its registers there is told to move something. `count` tells one marker from another. */
export function transferBy(
  bar: bigint,
  { direction, iova, length }: LiveStep & { kind: 'transfer' },
  count: number,
): Dma {
  const isWrite = direction === 'to-mem';
  const set = (register: bigint, value: bigint): string =>
    `qtest writeq ${hexOf(bar + register)} ${hexOf(value)}`;
  const operations = [
    set(EDU.source, isWrite ? EDU.buffer : iova),
    set(EDU.destination, isWrite ? iova : EDU.buffer),
    set(EDU.length, BigInt(length)),
    set(EDU.command, isWrite ? START | TO_MEMORY : START),
    `pause ${TRANSFER_MS}`,
    `until ${hexOf(bar + EDU.command)} ${hexOf(START)}`,
    `pause ${SETTLE_MS}`,
  ];
  const offset = iova % 0x1000n;
  const all = [iova, ...PAGES.map((page) => page + offset)].filter(isRam);
  const places = [...new Set(all)];
  const looks = isWrite ? places.map((at) => `qtest read ${hexOf(at)} ${hexOf(length)}`) : [];
  // A device's buffer keeps its content from run to run: what it has read is never what is stored where it will write.
  const first = isWrite ? '4d' : '53';
  return { operations, places, marker: `${first}${count.toString(16).padStart(2 * length - 2, '0')}`, looks };
}
