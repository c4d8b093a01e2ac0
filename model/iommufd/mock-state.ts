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
  /** Bytes that one pinning may use for what it keeps of pages meanwhile (`iommufd_test_memory_limit`). */
  readonly memoryLimit: number;
  /** The next number of pages that are pinned together (`Area.pages`). */
  readonly nextPages: number;
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

/** Bytes (`iommufd_test_memory_limit`). */
const MEMORY_LIMIT = 65_536;

export function bootMock(devices: number): Mock {
  return {
    devices: new Array<null>(devices).fill(null),
    mappings: [],
    pages: [],
    memoryLimit: MEMORY_LIMIT,
    nextPages: 1,
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

/** A number for pages that are pinned together from now on; undefined where nobody counts how often they are. */
export function newPages(tx: Tx): number | undefined {
  const { mock } = tx.world;
  if (mock === null) return undefined;
  putMock(tx, { ...mock, nextPages: mock.nextPages + 1 });
  return mock.nextPages;
}
