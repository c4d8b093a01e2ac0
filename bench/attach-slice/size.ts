/** How large an attach slice is: devices (device d is behind pSMMU d mod 2), vIOMMU slots and HWPT slots. */
export interface Size {
  readonly devices: number;
  readonly viommus: number;
  readonly hwpts: number;
}

/** A size and what an exhaustive search of it must count, whoever does it. */
export interface Pinned extends Size {
  readonly states: number;
  readonly transitions: number;
}

/** Every command is counted for the device for which it is made. */
export const SIZES: readonly Pinned[] = [
  { devices: 2, viommus: 2, hwpts: 3, states: 22_443, transitions: 187_656 },
  { devices: 3, viommus: 2, hwpts: 3, states: 142_737, transitions: 1_773_321 },
  { devices: 3, viommus: 2, hwpts: 4, states: 2_942_601, transitions: 45_349_428 },
];

/** `(3,2,4)` */
export function sizeText({ devices, viommus, hwpts }: Size): string {
  return `(${devices},${viommus},${hwpts})`;
}
