import {
  type Granularity,
  hasPasidTable,
  type IommuHardware,
  nestingGranularity,
} from '../../spec/pasid/hardware.ts';
import type { Assignment } from './machine.ts';

type Requests = 'with' | 'without';

/** The kinds of requests that a unit makes and that a guest's tables are to apply to. */
function requestsOf({ slice, viommu }: Assignment): readonly Requests[] {
  if (slice) return ['with'];
  return viommu === 'pasids' ? ['without', 'with'] : ['without'];
}

/** Whether something that is kept this finely is a unit's own. */
function isOwn(granularity: Granularity, slice: boolean): boolean {
  return granularity === 'pasid' || (granularity === 'stream' && !slice);
}

/** Whether requests can go through one stage in which no other requests take part. */
function hasOneStage(hardware: IommuHardware, requests: Requests): boolean {
  const { withPasid, withoutPasid, stage2Root } = hardware;
  if (requests === 'without') return withoutPasid.includes('first') || withoutPasid.includes('second');
  return withPasid.includes('first') || (withPasid.includes('second') && stage2Root === 'pasid');
}

/**
 * Why a host cannot give a unit to a machine in this way and keep its promises; null: it can. The rule of the thread:
 * nesting takes a root of stage 2 at the granularity of what is given.
 */
export function whyNot(hardware: IommuHardware, assignment: Assignment): string | null {
  const { slice, viommu, mechanism, paravirtual } = assignment;
  const requests = requestsOf(assignment);
  if (slice && !hasPasidTable(hardware)) return 'there is no PASID table';
  if (slice && !hardware.slicesTagged) return 'the device does not tag the requests of a slice';
  if (mechanism === 'direct' && viommu !== 'none') return "nothing applies the guest's tables";
  if (mechanism === 'nest') {
    for (const kind of requests) {
      if (!isOwn(nestingGranularity(hardware, kind), slice))
        return `requests ${kind} PASID cannot be nested on a stage 2 of the unit's own`;
    }
  } else {
    for (const kind of requests)
      if (!hasOneStage(hardware, kind)) return `requests ${kind} PASID have no table of the unit's own`;
  }
  if (paravirtual && hardware.allocation === 'none') return 'a guest cannot ask for PASIDs';
  if (viommu === 'pasids' && slice && !paravirtual && !hardware.translatesPasids)
    return 'the guest would choose PASIDs of a space that others use';
  return null;
}
