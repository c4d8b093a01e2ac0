import type { Rules } from '../../model/rules.ts';
import { dataAccess } from '../../model/smmu/architecture/access.ts';
import { translateCached } from '../../model/smmu/qemu/translate.ts';
import { ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import type { Transfer } from '../linux/dma.ts';
import { readPhysical, type System } from '../linux/system.ts';
import { guestAddressOf } from './memory.ts';

/** Where the recorded guest keeps what its two tables map its buffer to. */
const PAGES: readonly { readonly name: string; readonly page: bigint }[] = [
  { name: 'S1:A', page: 0x5100_1000n },
  { name: 'S1:B', page: 0x5100_2000n },
];

const PAGE_MASK = 0xfffn;

/** Where the first piece of a transfer lands, as the recordings say it. */
export function landedOf(system: System, { device, iova, direction }: Transfer, rules: Rules): string {
  const hardware = system.world.platform.devices[device];
  const smmu = system.machine.smmus?.[hardware?.iommu ?? -1];
  if (hardware === undefined || smmu === undefined) return 'unknown';
  const access = dataAccess(hardware.streamIds.at(-1) ?? 0, iova, direction === 'to-mem' ? 'write' : 'read');
  const { outcome } = translateCached(smmu, access, readPhysical(system), rules.smmuArchitecture);
  if (outcome.kind !== 'translated') return 'aborted';
  const place = ramOffsetOf(system.world.platform, outcome.address);
  const address = place === null ? null : guestAddressOf(system, BigInt(place));
  if (address === null) return 'aborted';
  if (address === iova) return 'untranslated';
  const known = PAGES.find(({ page }) => page === (address & ~PAGE_MASK));
  return known?.name ?? `0x${address.toString(16)}`;
}
