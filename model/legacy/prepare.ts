import type { Errno } from '../../spec/errno.ts';
import type { MsiMessage } from '../host/msi-message.ts';
import { doorbellAt, hostData, MSI_REGISTER } from '../platform/doorbell.ts';
import type { Tx } from '../world/tx.ts';
import { type Legacy, legacyOf, putContainer, putLegacyGroup } from './access.ts';
import { placeIn, withPage } from './cookie.ts';
import { type Container, firstMapping, type LegacyDomain, type LegacyGroup } from './machine.ts';
import { domainOf, ownPageSize } from './reach.ts';
import { itsOfGroup, regionsOf } from './regions.ts';

/** Makes the messages of the first vectors of a device, and maps what they need. */
export function composeMessages(
  tx: Tx,
  group: number,
  device: string,
  count: number,
  looks = true,
): readonly MsiMessage[] | Errno {
  const { whole } = legacyOf(tx) as Legacy;
  const its = itsOfGroup(whole, group);
  const messages: MsiMessage[] = [];
  for (let vector = 0; vector < count; vector++) {
    const doorbell = doorbellAt(whole, its, vector);
    const place = its.untranslated === true ? null : prepare(tx, group, doorbell, looks);
    if (typeof place === 'string') return place;
    messages.push({
      address: ((tx.rules.msi.messageHasPlace ? place : null) ?? doorbell) | MSI_REGISTER,
      data: hostData(numberOf(whole.legacy?.groups ?? [], device), vector),
      place,
      madeFor: null,
    });
  }
  return messages;
}

/** Devices are numbered through all groups. */
export function numberOf(groups: readonly { readonly devices: readonly string[] }[], device: string): number {
  return groups.flatMap(({ devices }) => devices).indexOf(device);
}

/**
 * iommu_dma_prepare_msi(): the doorbell gets a page in the domain that the group is on, unless it has one, and this is
 * where the message goes. Null: the domain has no cookie, so that nothing is done to the message.
 */
function prepare(tx: Tx, group: number, doorbell: bigint, looks: boolean): bigint | null | Errno {
  const legacy = legacyOf(tx) as Legacy;
  const state = legacy.machine.groups[group] as LegacyGroup;
  if (state.container === null || !tx.rules.msi.doorbellGoesToCurrentDomain)
    return prepareOwn(tx, legacy, group, doorbell, looks);
  const domain = domainOf(legacy.machine, group);
  if (domain === null || domain.cookie === null) return null;
  const { pageSize } = legacy.whole.kernel;
  const { cookie, page } = withPage(domain.cookie, doorbell, looks);
  const place = placeIn(cookie, page, pageSize);
  if (cookie !== domain.cookie) {
    if (!canMap(tx, legacy, group, domain, place)) return 'ENOMEM';
    const container = legacy.machine.containers[state.container] as Container;
    const domains = container.domains.map((each) => (each === domain ? { ...domain, cookie } : each));
    putContainer(tx, state.container, { ...container, domains });
  }
  return place;
}

/** In the kernel's own domain. Its pages are the IOMMU's, which may be larger than the doorbell's. */
function prepareOwn(tx: Tx, legacy: Legacy, group: number, doorbell: bigint, looks: boolean): bigint {
  const state = legacy.machine.groups[group] as LegacyGroup;
  const size = ownPageSize(legacy, group);
  const offset = doorbell % size;
  const { cookie, page } = withPage(state.ownCookie, doorbell - offset, looks);
  if (cookie !== state.ownCookie) putLegacyGroup(tx, group, { ...state, ownCookie: cookie });
  return placeIn(cookie, page, size) + offset;
}

/** Whether iommu_map() of a page of the kernel's size succeeds, and the window has room for it. */
function canMap(tx: Tx, legacy: Legacy, group: number, { mapped }: LegacyDomain, place: bigint): boolean {
  const { pageSize } = legacy.whole.kernel;
  const window = regionsOf(legacy.whole, group).find(({ swMsi }) => swMsi);
  const isBeyond = window === undefined || place + pageSize - 1n > window.last;
  if (isBeyond && tx.rules.msi.windowIsEnforced) return false;
  return pageSize >= ownPageSize(legacy, group) && firstMapping(mapped, place, pageSize) === undefined;
}
