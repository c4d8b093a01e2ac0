import { encode } from '../../spec/bits.ts';
import { HWPT_ALLOC, HWPT_DATA, VEVENTQ_TYPE, VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import type { Words } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import { cookieFor } from './doorbell.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import type { Backing, VmIommufd } from './vm.ts';
import { backingOf, changeVsmmu, vsmmuAt } from './vsmmu.ts';

/** Bytes of struct iommu_hwpt_arm_smmuv3. */
const STE_BYTES = 16;

/** Events that the kernel keeps for the VMM until it reads them. */
const VEVENTQ_DEPTH = 64;

const ABORT: Words = encode(ste, { V: 1, Config: SteConfig.Abort }).slice(0, 2);
const BYPASS: Words = encode(ste, { V: 1, Config: SteConfig.Bypass }).slice(0, 2);

/** IOMMU_HWPT_ALLOC of a nested domain with these STE words. */
export function allocNested(vmm: Vmm, fd: number, devId: number, viommu: number, words: Words): Result {
  return call(vmm, 'hwptAlloc', {
    fd,
    devId,
    ptId: viommu,
    dataType: HWPT_DATA.ARM_SMMUV3,
    dataLen: STE_BYTES,
    data: words,
  });
}

export function destroyObject(vmm: Vmm, fd: number, id: number): void {
  call(vmm, 'destroy', { fd, id });
}

function allocViommu(vmm: Vmm, fd: number, devId: number, hwptId: number): Result {
  return call(vmm, 'viommuAlloc', { fd, type: VIOMMU_TYPE.ARM_SMMUV3, devId, hwptId });
}

/**
 * Whether a further device may be nested on what a vSMMU has of the pSMMU. Only VIOMMU_ALLOC tells, of the device that
 * it names: a device whose DMA can bypass the caches must not (no CANWBS). The vIOMMU is not kept.
 */
function nestingObjection(vmm: Vmm, { fd }: VmIommufd, { parent }: Backing, devId: number): Objection | null {
  const made = allocViommu(vmm, fd, devId, parent);
  if (!made.ok) return kernelObjects('no vIOMMU', made);
  destroyObject(vmm, fd, numberOf(made, 'outViommuId'));
  return null;
}

/**
 * What a vSMMU needs of the pSMMU in front of a device: a nesting parent with the guest's memory, a vIOMMU on it, the two
 * stand-ins for traffic without stage 1, and a queue for events. All of it, or nothing. What other devices are on serves
 * this one too, unless its doorbell needs a parent of its own.
 */
export function backVsmmu(vmm: Vmm, index: number, iommufd: VmIommufd, devId: number): Backing | Objection {
  const { backings } = vsmmuAt(vmm, index);
  for (const backing of backings) {
    const objection = vmm.tx.rules.vmm.asksIfDeviceNests
      ? nestingObjection(vmm, iommufd, backing, devId)
      : null;
    if (objection === null) return backing;
    if (objection.errno !== 'EINVAL' || !vmm.tx.rules.msi.doorbellsSplitHwpts) return objection;
  }
  const made: number[] = [];
  const outcome = makeBacking(vmm, iommufd, devId, made);
  if ('errno' in outcome) for (const id of made.reverse()) destroyObject(vmm, iommufd.fd, id);
  else changeVsmmu(vmm, index, { backings: [...backings, outcome] });
  return outcome;
}

function makeBacking(vmm: Vmm, { fd, ioas }: VmIommufd, devId: number, made: number[]): Backing | Objection {
  const keep = (result: Result, out: string): number => {
    const id = numberOf(result, out);
    made.push(id);
    return id;
  };
  const flags = HWPT_ALLOC.NEST_PARENT;
  const parentMade = call(vmm, 'hwptAlloc', { fd, devId, ptId: ioas, flags, ...cookieFor(vmm) });
  if (!parentMade.ok) return kernelObjects('no nesting parent', parentMade);
  const parent = keep(parentMade, 'outHwptId');
  const viommuMade = allocViommu(vmm, fd, devId, parent);
  if (!viommuMade.ok) return kernelObjects('no vIOMMU', viommuMade);
  const viommu = keep(viommuMade, 'outViommuId');
  const abortMade = allocNested(vmm, fd, devId, viommu, ABORT);
  if (!abortMade.ok) return kernelObjects('no HWPT that aborts', abortMade);
  const abort = keep(abortMade, 'outHwptId');
  const bypassMade = allocNested(vmm, fd, devId, viommu, BYPASS);
  if (!bypassMade.ok) return kernelObjects('no HWPT that bypasses', bypassMade);
  const bypass = keep(bypassMade, 'outHwptId');
  const queue = call(vmm, 'veventqAlloc', {
    fd,
    viommuId: viommu,
    type: VEVENTQ_TYPE.ARM_SMMUV3,
    veventqDepth: VEVENTQ_DEPTH,
  });
  if (!queue.ok) return kernelObjects('no vEVENTQ', queue);
  const veventq = { id: numberOf(queue, 'outVeventqId'), fd: numberOf(queue, 'outVeventqFd') };
  return { parent, viommu, abort, bypass, veventq };
}

/** Gives back every part of the pSMMU on which no device is nested any longer. */
export function freeUnusedBackings(vmm: Vmm, index: number): void {
  const { iommufd } = vmOf(vmm);
  if (iommufd === null) return;
  const before = vsmmuAt(vmm, index);
  const isUsed = (backing: Backing): boolean =>
    before.devices.some((device) => backingOf(before, device) === backing);
  const backings = before.backings.filter(isUsed);
  if (backings.length === before.backings.length) return;
  for (const backing of before.backings) {
    if (isUsed(backing)) continue;
    call(vmm, 'close', { fd: backing.veventq.fd });
    for (const id of [backing.veventq.id, backing.abort, backing.bypass, backing.viommu, backing.parent])
      destroyObject(vmm, iommufd.fd, id);
  }
  changeVsmmu(vmm, index, { backings });
}
