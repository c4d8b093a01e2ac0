import { MOCK_CACHE_DEFAULT, MOCK_ENTRIES } from '../../spec/iommufd/selftest.ts';
import { copyWorld } from '../world/copy.ts';
import type { Tx } from '../world/tx.ts';

declare module '../world/world.ts' {
  interface World {
    /** Null on platforms without mock devices (`DeviceHardware.mock`): their kernel knows no IOMMU_TEST_CMD. */
    readonly mock: Mock | null;
  }
}

/** What a kernel with selftests keeps beside its objects. */
export interface Mock {
  /** Parallel to `platform.devices`; null: not made, or gone. */
  readonly devices: readonly (MockDevice | null)[];
  /** Files in memory that processes have mapped, the newest last. */
  readonly mappings: readonly MockMapping[];
  /** How often mmap() of a process has the page of a vIOMMU. */
  readonly pages: readonly MockPageMapping[];
}

/** struct mock_dev. */
export interface MockDevice {
  readonly cache: readonly number[];
  /** The next attachment of `MOCK_BAD_PASID` is refused. */
  readonly refusesPasid: boolean;
}

/** A file that is mapped from its beginning on. */
export interface MockMapping {
  readonly va: bigint;
  readonly length: bigint;
  /** Index in `World.files`. */
  readonly file: number;
}

/** The page of a vIOMMU, mapped. */
export interface MockPageMapping {
  readonly va: bigint;
  readonly file: number;
  readonly ctx: number;
  readonly viommu: number;
}

export const NEW_MOCK_DEVICE: MockDevice = Object.freeze({
  cache: Object.freeze(new Array<number>(MOCK_ENTRIES).fill(MOCK_CACHE_DEFAULT)),
  refusesPasid: false,
});

/** Whoever reserved IOVAs for nobody (ADD_RESERVED): they stay. */
export const NOBODY = 'test';

export function bootMock(devices: number): Mock {
  return {
    devices: new Array<null>(devices).fill(null),
    mappings: [],
    pages: [],
  };
}

/** What the kernel keeps, where that is known to be there. */
export function mockOf(tx: Tx): Mock {
  return tx.world.mock as Mock;
}

export function putMock(tx: Tx, mock: Mock): void {
  const world = copyWorld(tx.world);
  world.mock = mock;
  tx.world = world;
}

export function putMockDevice(tx: Tx, device: number, state: MockDevice | null): void {
  const mock = mockOf(tx);
  putMock(tx, { ...mock, devices: mock.devices.with(device, state) });
}

/** Whether pages are numbered: where somebody asks how often they are pinned, or where memory can go while they are. */
export function countsPages({ world }: Tx): boolean {
  return world.mock !== null || world.platform.numbersPages === true;
}

/** Whether a domain of any IOAS has pages pinned. */
export function pinnedBy({ world }: Tx): (pages: number, va: bigint, last: bigint) => boolean {
  return (pages, va, last) =>
    world.contexts.some((context) =>
      context?.objects.some(
        (slot) =>
          slot?.type === 'ioas' &&
          slot.hwpts.length > 0 &&
          slot.iopt.areas.some(
            (area) => area.pages === pages && area.va <= va && last <= area.va + (area.last - area.start),
          ),
      ),
    );
}

/** The lowest number that no pages which are pinned together have (`Area.pages`); undefined where nobody counts how often they are. */
export function newPages(tx: Tx): number | undefined {
  if (!countsPages(tx)) return undefined;
  const { world } = tx;
  const taken = new Set<number | undefined>();
  for (const context of world.contexts)
    for (const slot of context?.objects ?? [])
      if (slot?.type === 'ioas') for (const { pages } of slot.iopt.areas) taken.add(pages);
  let number = 1;
  while (taken.has(number)) number++;
  return number;
}
