import { encode } from '../../spec/bits.ts';
import { HWPT_ALLOC, HWPT_DATA, VEVENTQ_TYPE, VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import type { Words } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import { EVENTQEN } from './control.ts';
import { cookieFor } from './doorbell.ts';
import { iommufdOf } from './iommufd.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import type { BackStep } from './steps.ts';
import { askedByGbpa } from './stream.ts';
import type { Backing, PluggedDevice, VmIommufd } from './vm.ts';
import { backingOf, changeVsmmu, operatorProperties, vsmmuAt } from './vsmmu.ts';

/** Bytes of struct iommu_hwpt_arm_smmuv3. */
const STE_BYTES = 16;

/** struct iommu_hw_info_tegra241_cmdqv: its type, its bytes, and the flag that says that a type is asked for. */
const CMDQV = { type: 3, bytes: 8, flag: 1 } as const;

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
function nestingObjection(vmm: Vmm, { fd, parent }: Backing, devId: number): Objection | null {
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
export function backVsmmu(vmm: Vmm, index: number, device: PluggedDevice): Backing | Objection {
  const { backings } = vsmmuAt(vmm, index);
  for (const backing of backings) {
    const objection = vmm.tx.rules.vmm.asksIfDeviceNests
      ? nestingObjection(vmm, backing, device.devId)
      : null;
    if (objection === null) return backing;
    if (objection.errno !== 'EINVAL' || !vmm.tx.rules.msi.doorbellsSplitHwpts) return objection;
  }
  const making = new Making(vmm, index, device);
  for (const step of vmm.tx.rules.vmm.backSteps) {
    const objection = making[step]();
    if (objection === null) continue;
    if (vmm.tx.rules.vmm.failedBackUndoes) making.undo();
    return objection;
  }
  const backing = making.done();
  changeVsmmu(vmm, index, { backings: [...backings, backing] });
  return backing;
}

/** A part of a pSMMU in the making. */
class Making implements Readonly<Record<BackStep, () => Objection | null>> {
  readonly #vmm: Vmm;
  readonly #index: number;
  readonly #device: PluggedDevice;
  readonly #fd: number;
  readonly #made: number[] = [];
  #backing: { -readonly [Part in keyof Backing]: Backing[Part] };

  constructor(vmm: Vmm, index: number, device: PluggedDevice) {
    this.#vmm = vmm;
    this.#index = index;
    this.#device = device;
    this.#fd = iommufdOf(vmm, device.iommufd)?.fd ?? -1;
    this.#backing = {
      fd: this.#fd,
      parent: device.parent ?? 0,
      viommu: 0,
      abort: 0,
      bypass: 0,
      veventq: null,
    };
  }

  done(): Backing {
    return this.#backing;
  }

  undo(): void {
    const { veventq } = this.#backing;
    if (veventq !== null) call(this.#vmm, 'close', { fd: veventq.fd });
    for (const id of this.#made.reverse()) destroyObject(this.#vmm, this.#fd, id);
  }

  #keep(result: Result, out: string): number {
    const id = numberOf(result, out);
    this.#made.push(id);
    return id;
  }

  'probe-cmdqv'(): null {
    if (operatorProperties(this.#vmm, this.#index).cmdqv === false) return null;
    const { devId } = this.#device;
    const { type: dataType, bytes: dataLen, flag: flags } = CMDQV;
    call(this.#vmm, 'getHwInfo', { fd: this.#fd, devId, flags, dataLen, dataType });
    return null;
  }

  parent(): Objection | null {
    const fd = this.#fd;
    const { devId, iommufd } = this.#device;
    if (this.#vmm.tx.rules.vmm.parentIs === 'shared') {
      const shared = this.#sharedParent();
      if (shared !== null) {
        this.#backing.parent = shared;
        return null;
      }
    }
    const { containers } = iommufdOf(this.#vmm, iommufd) as VmIommufd;
    const ptId = containers[0]?.ioas ?? 0;
    const flags = HWPT_ALLOC.NEST_PARENT;
    const made = call(this.#vmm, 'hwptAlloc', { fd, devId, ptId, flags, ...cookieFor(this.#vmm) });
    if (!made.ok) return kernelObjects('no nesting parent', made);
    this.#backing.parent = this.#keep(made, 'outHwptId');
    return null;
  }

  /** A parent of the machine's that takes a vIOMMU for the device; the vIOMMU is kept. */
  #sharedParent(): number | null {
    const parents = new Set(
      vmOf(this.#vmm).vsmmus.flatMap(({ backings }) => backings.map(({ parent }) => parent)),
    );
    for (const parent of parents) {
      const made = allocViommu(this.#vmm, this.#fd, this.#device.devId, parent);
      if (!made.ok) continue;
      this.#backing.viommu = this.#keep(made, 'outViommuId');
      return parent;
    }
    return null;
  }

  viommu(): Objection | null {
    if (this.#backing.viommu !== 0) return null;
    const made = allocViommu(this.#vmm, this.#fd, this.#device.devId, this.#backing.parent);
    if (!made.ok) return kernelObjects('no vIOMMU', made);
    this.#backing.viommu = this.#keep(made, 'outViommuId');
    return null;
  }

  abort(): Objection | null {
    const made = allocNested(this.#vmm, this.#fd, this.#device.devId, this.#backing.viommu, ABORT);
    if (!made.ok) return kernelObjects('no HWPT that aborts', made);
    this.#backing.abort = this.#keep(made, 'outHwptId');
    return null;
  }

  bypass(): Objection | null {
    const made = allocNested(this.#vmm, this.#fd, this.#device.devId, this.#backing.viommu, BYPASS);
    if (!made.ok) return kernelObjects('no HWPT that bypasses', made);
    this.#backing.bypass = this.#keep(made, 'outHwptId');
    return null;
  }

  veventq(): Objection | null {
    const vsmmu = vsmmuAt(this.#vmm, this.#index);
    if (!this.#vmm.tx.rules.vmm.veventqAtOnce && (vsmmu.cr0 & EVENTQEN) === 0) return null;
    const made = allocVeventq(this.#vmm, this.#index, this.#backing);
    if (!made.ok) return kernelObjects('no vEVENTQ', made);
    this.#backing.veventq = { id: this.#keep(made, 'outVeventqId'), fd: numberOf(made, 'outVeventqFd') };
    return null;
  }

  'attach-gbpa'(): Objection | null {
    const asked = askedByGbpa(vsmmuAt(this.#vmm, this.#index));
    const ptId = asked.kind === 'abort' ? this.#backing.abort : this.#backing.bypass;
    const attached = call(this.#vmm, 'vfioAttach', { fd: this.#device.fd, ptId });
    return attached.ok ? null : kernelObjects(`${this.#device.device} cannot be attached`, attached);
  }
}

/** The most entries of an event queue, as a logarithm (IDR1.EVENTQS of every vSMMU here). */
const EVENTQS = 19;

function allocVeventq(vmm: Vmm, index: number, { fd, viommu }: Backing): Result {
  const { control } = vsmmuAt(vmm, index);
  const log2Size = Math.min(Number(control.EVENTQ_BASE & 0x1fn), EVENTQS);
  const veventqDepth = vmm.tx.rules.vmm.veventqDepth(log2Size);
  return call(vmm, 'veventqAlloc', { fd, viommuId: viommu, type: VEVENTQ_TYPE.ARM_SMMUV3, veventqDepth });
}

/** A queue for events where one is wanted by now; where the kernel has none for it, there is none. */
export function giveVeventqs(vmm: Vmm, index: number): void {
  const { backings, cr0 } = vsmmuAt(vmm, index);
  if ((cr0 & EVENTQEN) === 0 || vmm.tx.rules.vmm.veventqAtOnce) return;
  for (const backing of backings) {
    if (backing.veventq !== null) continue;
    const made = allocVeventq(vmm, index, backing);
    if (!made.ok) continue;
    const veventq = { id: numberOf(made, 'outVeventqId'), fd: numberOf(made, 'outVeventqFd') };
    changeVsmmu(vmm, index, {
      backings: vsmmuAt(vmm, index).backings.map((each) => (each === backing ? { ...each, veventq } : each)),
    });
  }
}

/** Gives back every part of the pSMMU on which no device is nested any longer. */
export function freeUnusedBackings(vmm: Vmm, index: number): void {
  const before = vsmmuAt(vmm, index);
  const isUsed = (backing: Backing): boolean =>
    before.devices.some((device) => backingOf(before, device) === backing);
  const backings = before.backings.filter(isUsed);
  if (backings.length === before.backings.length) return;
  for (const backing of before.backings) if (!isUsed(backing)) free(vmm, backing);
  changeVsmmu(vmm, index, { backings });
}

function free(vmm: Vmm, { fd, veventq, ...ids }: Backing): void {
  for (const step of vmm.tx.rules.vmm.freeSteps) {
    if (step !== 'veventq') {
      if (step === 'parent' && isParentUsed(vmm, fd, ids)) continue;
      destroyObject(vmm, fd, ids[step]);
    } else if (veventq !== null) {
      call(vmm, 'close', { fd: veventq.fd });
      destroyObject(vmm, fd, veventq.id);
    }
  }
}

/** Whether another vIOMMU of the machine is on a parent, too. */
function isParentUsed(vmm: Vmm, fd: number, { parent, viommu }: Pick<Backing, 'parent' | 'viommu'>): boolean {
  return vmOf(vmm).vsmmus.some(({ backings }) =>
    backings.some((other) => other.fd === fd && other.parent === parent && other.viommu !== viommu),
  );
}
