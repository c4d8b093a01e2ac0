import { HWPT_ALLOC } from '../../spec/iommufd/constants.ts';
import { HW_INFO_BYTES } from '../../spec/vsmmu/registers.ts';
import { destroyObject } from './backing.ts';
import { iommufdOf, mapMemory, putContainers, unmapMemory } from './iommufd.ts';
import { call, numberOf, type Vmm } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import type { Container, PluggedDevice, VmIommufd } from './vm.ts';
import { changeDevice, deviceNamed, vsmmuAt } from './vsmmu.ts';

/*
 * A VMM whose VFIO core attaches devices before their vSMMU hears of them: to a nesting parent that is there and takes
 * them, else to a new one, and where an IOAS takes no parent for them in a new IOAS.
 */

/** Attaches a device that is open and bound. */
export function attachToContainer(vmm: Vmm, index: number, id: string): Objection | null {
  const device = deviceNamed(vsmmuAt(vmm, index), id) as PluggedDevice;
  const { containers, fd } = iommufdOf(vmm, device.iommufd) as VmIommufd;
  for (const container of containers) {
    const parent = attachTo(vmm, device, container);
    if (typeof parent === 'number') return keep(vmm, index, device, container, parent);
  }
  const made = call(vmm, 'ioasAlloc', { fd });
  if (!made.ok) return kernelObjects('no IOAS for the guest', made);
  const ioas = numberOf(made, 'outIoasId');
  const container: Container = { ioas, parents: [] };
  const parent = attachTo(vmm, device, container);
  if (typeof parent !== 'number') {
    destroyObject(vmm, fd, ioas);
    return parent;
  }
  keep(vmm, index, device, container, parent);
  askRanges(vmm, fd, ioas);
  return mapMemory(vmm, fd, ioas);
}

/** Puts a device on one of an IOAS's parents; gives the parent, or why not. */
function attachTo(
  vmm: Vmm,
  { fd, devId, iommufd, device }: PluggedDevice,
  of: Container,
): number | Objection {
  for (const parent of of.parents) {
    const attached = call(vmm, 'vfioAttach', { fd, ptId: parent });
    if (attached.ok) return parent;
    // Another parent may take it; nothing else would make a difference.
    if (attached.errno !== 'EINVAL') return kernelObjects(`${device} cannot be attached`, attached);
  }
  const iommu = iommufdOf(vmm, iommufd)?.fd ?? -1;
  call(vmm, 'getHwInfo', { fd: iommu, devId, dataLen: HW_INFO_BYTES });
  const made = call(vmm, 'hwptAlloc', { fd: iommu, flags: HWPT_ALLOC.NEST_PARENT, devId, ptId: of.ioas });
  if (!made.ok) return kernelObjects('no nesting parent', made);
  const parent = numberOf(made, 'outHwptId');
  const attached = call(vmm, 'vfioAttach', { fd, ptId: parent });
  if (attached.ok) return parent;
  destroyObject(vmm, iommu, parent);
  return kernelObjects(`${device} cannot be attached`, attached);
}

function keep(
  vmm: Vmm,
  index: number,
  { device, iommufd }: PluggedDevice,
  container: Container,
  parent: number,
): null {
  const { containers } = iommufdOf(vmm, iommufd) as VmIommufd;
  const parents = container.parents.includes(parent) ? container.parents : [parent, ...container.parents];
  const kept: Container = { ioas: container.ioas, parents };
  putContainers(
    vmm,
    iommufd,
    containers.includes(container)
      ? containers.map((each) => (each === container ? kept : each))
      : [kept, ...containers],
  );
  changeDevice(vmm, index, device, { parent });
  return null;
}

/** IOAS_IOVA_RANGES twice: how many there are, and which. */
function askRanges(vmm: Vmm, fd: number, ioasId: number): void {
  const many = call(vmm, 'ioasIovaRanges', { fd, ioasId, allowedIovas: 'null' });
  if (many.ok || many.errno !== 'EMSGSIZE') return;
  call(vmm, 'ioasIovaRanges', { fd, ioasId, numIovas: numberOf(many, 'numIovas') });
}

/** A device is off its parent: the parent goes with the last device on it. */
export function putParent(
  vmm: Vmm,
  { iommufd, parent, device }: PluggedDevice,
  others: readonly PluggedDevice[],
): void {
  const of = iommufdOf(vmm, iommufd);
  if (parent === null || of === null) return;
  const isShared = others.some(
    (other) => other.device !== device && other.iommufd === iommufd && other.parent === parent,
  );
  if (isShared) return;
  destroyObject(vmm, of.fd, parent);
  putContainers(
    vmm,
    iommufd,
    of.containers.map((each) =>
      each.parents.includes(parent)
        ? { ioas: each.ioas, parents: each.parents.filter((other) => other !== parent) }
        : each,
    ),
  );
}

/** IOASes without a parent go: the guest's memory out of them first. */
export function putContainersWithoutParents(vmm: Vmm, number: number): void {
  const of = iommufdOf(vmm, number);
  if (of === null) return;
  const unused = of.containers.filter(({ parents }) => parents.length === 0);
  if (unused.length === 0) return;
  for (const { ioas } of unused) {
    unmapMemory(vmm, of.fd, ioas);
    destroyObject(vmm, of.fd, ioas);
  }
  putContainers(
    vmm,
    number,
    of.containers.filter((each) => !unused.includes(each)),
  );
}
