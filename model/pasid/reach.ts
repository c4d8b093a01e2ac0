import type { PasidPlatform, Unit } from '../platform/pasid.ts';
import { secondPages, usableConfigs } from './caches.ts';
import { throughFirst } from './configuration.ts';
import { NO_PASID } from './context.ts';
import type { Assigned, PasidMachine } from './machine.ts';

/** What may become of an access. */
export interface Outcomes {
  /** Host pages that it may reach, ascending. */
  readonly pages: readonly number[];
  /** Whether it may abort or fault. */
  readonly faults: boolean;
}

/** The number under which requests of a unit arrive at the IOMMU; null: the device does not send them. */
export function pasidOnTheWire(
  platform: PasidPlatform,
  unit: Unit,
  assigned: Assigned,
  guest: number,
  anyPasid: boolean,
): number | null {
  if (guest === NO_PASID) return assigned.pasid ?? NO_PASID;
  const given = assigned.given.find((each) => each.guest === guest);
  if (given !== undefined) return given.host;
  if (!unit.slice) return guest <= platform.pasids ? guest : null;
  const { viommu, paravirtual } = assigned;
  const chooses = viommu === 'pasids' && !paravirtual && !platform.hardware.translatesPasids;
  return (chooses || anyPasid) && guest <= platform.pasids ? guest : null;
}

/** Where requests of a stream with a PASID (or `NO_PASID`) may go, by hardware's tables and whatever caches hold. */
export function outcomesOf(
  platform: PasidPlatform,
  machine: PasidMachine,
  stream: number,
  pasid: number,
  iova: number,
): Outcomes {
  const pages = new Set<number>();
  let configs = 0;
  let faults = false;
  for (const usable of usableConfigs(platform, machine)) {
    if (usable.stream !== stream || usable.pasid !== pasid) continue;
    configs++;
    const { config } = usable;
    const between = throughFirst(platform, machine, config, iova);
    const reached =
      between === null
        ? []
        : config.second === null
          ? [between]
          : secondPages(platform, machine, config, between);
    for (const page of reached) pages.add(page);
    if (reached.length === 0) faults = true;
    for (const each of machine.stale) {
      const hit =
        (each.cache === 'first' && each.stream === stream && each.pasid === pasid && each.iova === iova) ||
        (each.cache === 'second' && config.first === null && each.input === iova);
      if (hit && each.domain === config.domain) pages.add(each.page);
    }
  }
  return { pages: [...pages].sort((a, b) => a - b), faults: faults || configs === 0 };
}
