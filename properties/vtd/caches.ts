import type { VtdEntry } from '../../model/vtd/machine/entry.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';

function idOf({ platform }: World, device: number): string {
  return platform.devices[device]?.id ?? `device ${device}`;
}

const HOLDS = { first: 'first-stage', second: 'second-stage', final: 'whole' } as const;

/** What reports call something that a cache of a VT-d unit or of a device holds. */
export function vtdEntryName(world: World, entry: VtdEntry): string {
  const pasidText = (pasid: number | null) => (pasid === null || pasid === 0 ? '' : ` of PASID ${pasid}`);
  switch (entry.cache) {
    case 'context':
      return `an old context entry of ${idOf(world, entry.device)}`;
    case 'pasid':
      return `an old PASID table entry ${entry.pasid} of ${idOf(world, entry.device)}`;
    case 'devtlb':
      return `a translation${pasidText(entry.pasid)} in the TLB of ${idOf(world, entry.device)}: ${runText(entry)}`;
    case 'iotlb':
      return `a ${HOLDS[entry.holds]} translation${pasidText(entry.pasid)} in the IOTLB (domain id ${entry.domainId}): ${runText(entry)}`;
  }
}

function runText({ first, last, out }: { first: number; last: number; out: number }): string {
  const pages = last === first ? '' : ` (${last - first + 1} pages)`;
  return `page ${hex(BigInt(first))} to ${hex(BigInt(out))}${pages}`;
}
