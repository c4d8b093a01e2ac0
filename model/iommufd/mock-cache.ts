import { MOCK_ENTRIES } from '../../spec/iommufd/selftest.ts';
import type { Tx } from '../world/tx.ts';
import type { CommandWords } from './drivers/driver.ts';
import { mockOf, putMockDevice } from './mock-state.ts';

/** What a mock vIOMMU was asked to invalidate goes from the caches of its devices: of each a StreamID, and an entry or all. */
export function clearCaches(tx: Tx, commands: readonly CommandWords[]): void {
  for (const [stream, entry] of commands) {
    const device = tx.world.platform.devices.findIndex(({ streamIds }) => streamIds[0] === Number(stream));
    const state = mockOf(tx).devices[device] ?? null;
    if (state === null) continue;
    const all = entry === BigInt(MOCK_ENTRIES);
    const cache = state.cache.map((value, at) => (all || BigInt(at) === entry ? 0 : value));
    putMockDevice(tx, device, { ...state, cache });
  }
}
