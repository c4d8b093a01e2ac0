import type { AccessArgs } from '../../model/accesses/command.ts';
import { ALL_WRITABLE } from '../../model/iommufd/veventq.ts';
import type { LegacyArgs } from '../../model/legacy/command.ts';
import type { MsiArgs } from '../../model/msi/command.ts';
import type { PasidCommandName } from '../../model/pasid/command.ts';
import { MAX_PASID_BITS } from '../../model/pasid/machine.ts';
import type { EmulatedArgs } from '../../model/smmu/emulated/command.ts';
import type { MachineArgs } from '../../model/smmu/machine/command.ts';
import type { BackdoorArgs, VmmCommandName } from '../../model/vmm/command.ts';
import { ALL_IOCTLS, type AnyIoctlName, type CommandName, TAKING_BACK } from '../../model/world/command.ts';
import type { StructTable } from '../../spec/struct.ts';
import { MAP_BYTES, UNMAP_BYTES } from '../../spec/vfio/container.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';

/** What an object or descriptor is, as far as naming it goes. */
export type HandleKind =
  | 'iommufd'
  | 'cdev'
  | 'ioas'
  | 'hwpt'
  | 'device'
  | 'viommu'
  | 'vdevice'
  | 'veventq'
  | 'fault'
  | 'fd';

/** One argument of a command in a trace: its type, and its value where the trace leaves it out. */
export type ArgShape =
  /** A name that the trace bound, or a number. `pt` takes an IOAS or an HWPT, `any` every object. */
  | { readonly kind: 'handle'; readonly of: HandleKind | 'pt' | 'any' | 'invalidatable' }
  | { readonly kind: 'number'; readonly default: number }
  | { readonly kind: 'u64' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'pointer' }
  /** 64-bit words of user memory, or null. */
  | { readonly kind: 'words' }
  | { readonly kind: 'text' };

/** What a command looks like in a trace. */
export interface CommandShape {
  readonly args: Readonly<Record<string, ArgShape>>;
  /** What a successful command gives a name to: the suffix of the name, what it is, and the output field. */
  readonly binds: readonly Binds[];
}

export interface Binds {
  /** '' for the object itself, '.fd' for the descriptor that comes with it. */
  readonly suffix: '' | '.fd';
  readonly of: HandleKind;
  readonly out: string;
}

type HandleOf = Extract<ArgShape, { kind: 'handle' }>['of'];

/** Which fields of the ioctls name something. All others are plain values. */
const HANDLE_FIELDS: { readonly [N in AnyIoctlName]?: Readonly<Record<string, HandleOf>> } = {
  destroy: { id: 'any' },
  ioasAllowIovas: { ioasId: 'ioas' },
  ioasCopy: { dstIoasId: 'ioas', srcIoasId: 'ioas' },
  ioasIovaRanges: { ioasId: 'ioas' },
  ioasMap: { ioasId: 'ioas' },
  ioasMapFile: { ioasId: 'ioas', fileFd: 'fd' },
  ioasUnmap: { ioasId: 'ioas' },
  option: { objectId: 'ioas' },
  vfioIoas: { ioasId: 'ioas' },
  hwptAlloc: { devId: 'device', ptId: 'pt', faultId: 'fault' },
  getHwInfo: { devId: 'device' },
  hwptSetDirtyTracking: { hwptId: 'hwpt' },
  hwptGetDirtyBitmap: { hwptId: 'hwpt' },
  hwptInvalidate: { hwptId: 'invalidatable' },
  viommuAlloc: { devId: 'device', hwptId: 'hwpt' },
  vdeviceAlloc: { viommuId: 'viommu', devId: 'device' },
  veventqAlloc: { viommuId: 'viommu' },
  hwQueueAlloc: { viommuId: 'viommu' },
  vfioBind: { iommufd: 'iommufd' },
  vfioAttach: { ptId: 'pt' },
};

const BINDS: { readonly [N in CommandName]?: readonly Binds[] } = {
  openIommufd: [{ suffix: '', of: 'iommufd', out: 'fd' }],
  openCdev: [{ suffix: '', of: 'cdev', out: 'fd' }],
  openOther: [{ suffix: '', of: 'fd', out: 'fd' }],
  ioasAlloc: [{ suffix: '', of: 'ioas', out: 'outIoasId' }],
  hwptAlloc: [{ suffix: '', of: 'hwpt', out: 'outHwptId' }],
  viommuAlloc: [{ suffix: '', of: 'viommu', out: 'outViommuId' }],
  vdeviceAlloc: [{ suffix: '', of: 'vdevice', out: 'outVdeviceId' }],
  veventqAlloc: [
    { suffix: '', of: 'veventq', out: 'outVeventqId' },
    { suffix: '.fd', of: 'fd', out: 'outVeventqFd' },
  ],
  faultQueueAlloc: [
    { suffix: '', of: 'fault', out: 'outFaultId' },
    { suffix: '.fd', of: 'fd', out: 'outFaultFd' },
  ],
  vfioBind: [{ suffix: '', of: 'device', out: 'outDevid' }],
  vfioAttach: [{ suffix: '', of: 'hwpt', out: 'ptId' }],
};

function ioctlShape(name: AnyIoctlName): CommandShape {
  const table: StructTable = ALL_IOCTLS[name];
  const handles = HANDLE_FIELDS[name] ?? {};
  const onDevice = Object.hasOwn(VFIO_IOCTLS, name);
  const args: Record<string, ArgShape> = { fd: { kind: 'handle', of: onDevice ? 'cdev' : 'iommufd' } };
  for (const [field, layout] of Object.entries(table.fields)) {
    const of = handles[field];
    if (layout.direction === 'out') continue;
    else if ('buffer' in layout) args[field] = { kind: 'pointer' };
    else if (of !== undefined) args[field] = { kind: 'handle', of };
    else if (layout.width === 8) args[field] = { kind: 'u64' };
    else args[field] = { kind: 'number', default: field === 'size' || field === 'argsz' ? table.size : 0 };
  }
  args.trailing = { kind: 'bool' };
  if ((TAKING_BACK as readonly string[]).includes(name)) args.unwritable = { kind: 'bool' };
  args.data = { kind: 'words' };
  return { args, binds: BINDS[name] ?? [] };
}

const FD: ArgShape = { kind: 'handle', of: 'fd' };
const IOMMUFD: ArgShape = { kind: 'handle', of: 'iommufd' };
const TEXT: ArgShape = { kind: 'text' };
const NUMBER: ArgShape = { kind: 'number', default: 0 };
const WORDS: ArgShape = { kind: 'words' };

const VECTOR = { vsmmu: NUMBER, vsid: NUMBER, vector: NUMBER } as const;

/** What operators and guests do, and the call that no kernel has. */
const VMM_SHAPES: { readonly [N in VmmCommandName | keyof BackdoorArgs]: CommandShape } = {
  boot: { args: { vm: TEXT }, binds: [] },
  reset: { args: { vm: TEXT }, binds: [] },
  plug: { args: { vm: TEXT, vsmmu: NUMBER, device: TEXT, vsid: NUMBER, iommufd: NUMBER }, binds: [] },
  unplug: { args: { vm: TEXT, device: TEXT }, binds: [] },
  migrate: { args: { vm: TEXT, host: NUMBER, device: TEXT, vsmmu: NUMBER, vsid: NUMBER }, binds: [] },
  serveEvents: { args: { vm: TEXT, vsmmu: NUMBER }, binds: [] },
  readId: { args: { vsmmu: NUMBER }, binds: [] },
  writeCr0: { args: { vsmmu: NUMBER, value: NUMBER }, binds: [] },
  writeGbpa: { args: { vsmmu: NUMBER, value: NUMBER }, binds: [] },
  writeRegister: {
    args: { vsmmu: NUMBER, register: TEXT, value: { kind: 'u64' }, half: NUMBER },
    binds: [],
  },
  readRegister: { args: { vsmmu: NUMBER, register: TEXT }, binds: [] },
  storeGuest: { args: { address: { kind: 'u64' }, words: WORDS, zeros: NUMBER }, binds: [] },
  writeSte: { args: { vsmmu: NUMBER, vsid: NUMBER, words: WORDS }, binds: [] },
  issueCommands: { args: { vsmmu: NUMBER, words: WORDS }, binds: [] },
  acknowledge: { args: { vsmmu: NUMBER }, binds: [] },
  renumber: { args: { vsmmu: NUMBER, device: TEXT, to: NUMBER }, binds: [] },
  readEvents: { args: { vsmmu: NUMBER }, binds: [] },
  programVector: { args: { ...VECTOR, address: { kind: 'u64' }, value: NUMBER }, binds: [] },
  enableVector: { args: VECTOR, binds: [] },
  disableVector: { args: VECTOR, binds: [] },
  iommuDriverInfo: { args: { fd: { kind: 'handle', of: 'iommufd' }, iommu: NUMBER }, binds: [] },
};

const BOOL: ArgShape = { kind: 'bool' };
const U64: ArgShape = { kind: 'u64' };

/** What guests write for the pSMMU, what devices do, and what the host does to pSMMUs. */
const MACHINE_SHAPES: { readonly [N in keyof MachineArgs]: CommandShape } = {
  guestWriteCd: {
    args: { page: NUMBER, slot: NUMBER, valid: BOOL, asid: NUMBER, table: U64, silent: BOOL },
    binds: [],
  },
  guestWritePte: {
    args: { page: NUMBER, index: NUMBER, valid: BOOL, ipa: U64, readOnly: BOOL, global: BOOL },
    binds: [],
  },
  dma: {
    args: { iova: U64, write: BOOL, stream: NUMBER, ssv: BOOL, ssid: NUMBER, translated: BOOL },
    binds: [],
  },
  hostInterrupt: { args: {}, binds: [] },
  hostProceed: { args: {}, binds: [] },
  hostDisable: { args: { smmu: NUMBER }, binds: [] },
  hostReset: { args: { smmu: NUMBER }, binds: [] },
  hostDelayEvents: { args: { smmu: NUMBER }, binds: [] },
  hostReadEvents: { args: { smmu: NUMBER }, binds: [] },
};

/** What happens to functions and slices with PASIDs. */
const PASID_SHAPES: { readonly [N in PasidCommandName]: CommandShape } = {
  assign: { args: { unit: TEXT, vm: TEXT, viommu: TEXT, mechanism: TEXT, paravirtual: BOOL }, binds: [] },
  unassign: { args: { unit: TEXT }, binds: [] },
  writeContext: {
    args: {
      unit: TEXT,
      translates: BOOL,
      unnumbered: TEXT,
      pasidBits: { kind: 'number', default: MAX_PASID_BITS },
    },
    binds: [],
  },
  writePasidEntry: {
    args: { unit: TEXT, pasid: NUMBER, present: BOOL, passThrough: BOOL, table: NUMBER },
    binds: [],
  },
  writeMapping: { args: { table: NUMBER, iova: NUMBER, valid: BOOL, page: NUMBER }, binds: [] },
  invalidate: { args: { unit: TEXT, reach: TEXT, pasid: NUMBER, iova: NUMBER }, binds: [] },
  allocPasid: { args: { unit: TEXT }, binds: [] },
  freePasid: { args: { unit: TEXT, pasid: NUMBER }, binds: [] },
  request: { args: { iova: NUMBER, pasid: NUMBER }, binds: [] },
};

const GROUP_DEVICE: CommandShape = { args: { group: NUMBER, device: TEXT }, binds: [] };

const GROUP_VECTORS: CommandShape = {
  args: { group: NUMBER, device: TEXT, count: { kind: 'number', default: 1 } },
  binds: [],
};

/** Room for all capabilities with a few IOVA ranges. */
const GET_INFO_BYTES = 256;

/** The calls of VFIO's old containers. */
const LEGACY_SHAPES: { readonly [N in keyof LegacyArgs]: CommandShape } = {
  containerOpen: { args: {}, binds: [] },
  containerClose: { args: { container: NUMBER }, binds: [] },
  containerCheckExtension: { args: { container: NUMBER, extension: NUMBER }, binds: [] },
  containerGetInfo: {
    args: { container: NUMBER, argsz: { kind: 'number', default: GET_INFO_BYTES } },
    binds: [],
  },
  containerSetIommu: { args: { container: NUMBER, type: NUMBER }, binds: [] },
  containerMapDma: {
    args: {
      container: NUMBER,
      argsz: { kind: 'number', default: MAP_BYTES },
      flags: NUMBER,
      vaddr: U64,
      iova: U64,
      length: U64,
    },
    binds: [],
  },
  containerUnmapDma: {
    args: {
      container: NUMBER,
      argsz: { kind: 'number', default: UNMAP_BYTES },
      flags: NUMBER,
      iova: U64,
      length: U64,
    },
    binds: [],
  },
  groupOpen: { args: { group: NUMBER }, binds: [] },
  groupClose: { args: { group: NUMBER }, binds: [] },
  groupSetContainer: { args: { group: NUMBER, container: NUMBER }, binds: [] },
  groupUnsetContainer: { args: { group: NUMBER }, binds: [] },
  groupGetDevice: GROUP_DEVICE,
  groupCloseDevice: GROUP_DEVICE,
  groupSetIrqs: GROUP_VECTORS,
  groupBeginSetIrqs: GROUP_DEVICE,
  groupEndSetIrqs: GROUP_DEVICE,
  hostDriverBind: GROUP_DEVICE,
  hostDriverUnbind: GROUP_DEVICE,
  hostDriverSetIrqs: GROUP_VECTORS,
  legacyDma: { args: { group: NUMBER, iova: U64, write: BOOL }, binds: [] },
};

/** What the guest of an emulated SMMUv3 does, and its devices. */
const EMULATED_SHAPES: { readonly [N in keyof EmulatedArgs]: CommandShape } = {
  emulatedStore: { args: { address: U64, words: WORDS }, binds: [] },
  emulatedCr0: { args: { value: NUMBER }, binds: [] },
  emulatedGbpa: { args: { value: NUMBER }, binds: [] },
  emulatedStreamTable: { args: { base: U64, config: NUMBER }, binds: [] },
  emulatedCommands: { args: { words: WORDS }, binds: [] },
  emulatedEvents: { args: {}, binds: [] },
  emulatedDma: { args: { stream: NUMBER, iova: U64, write: BOOL, ssv: BOOL, ssid: NUMBER }, binds: [] },
  emulatedReset: { args: { ends: BOOL }, binds: [] },
};

const RANGE = { iova: U64, length: U64 } as const;

/** What drivers of mediated devices do, and dma-bufs. */
const ACCESS_SHAPES: { readonly [N in keyof AccessArgs]: CommandShape } = {
  mdevPin: { args: { ...RANGE, write: BOOL }, binds: [] },
  mdevUnpin: { args: RANGE, binds: [] },
  mdevRw: { args: { ...RANGE, write: BOOL }, binds: [] },
  mdevAttachBegins: {
    args: { fd: { kind: 'handle', of: 'cdev' }, ptId: { kind: 'handle', of: 'pt' } },
    binds: [],
  },
  exportBar: {
    args: { fd: { kind: 'handle', of: 'cdev' } },
    binds: [{ suffix: '', of: 'fd', out: 'fd' }],
  },
};

const CDEV: ArgShape = { kind: 'handle', of: 'cdev' };

/** What concerns MSIs and no ioctl of Linux 7.2. */
const MSI_SHAPES: { readonly [N in keyof MsiArgs]: CommandShape } = {
  fireMsi: { args: { vector: NUMBER }, binds: [] },
  moveInterrupt: { args: { device: TEXT, vector: NUMBER }, binds: [] },
  readReserved: { args: { device: TEXT }, binds: [] },
  beginSetIrqs: { args: { fd: CDEV }, binds: [] },
  endSetIrqs: { args: { fd: CDEV }, binds: [] },
  vfioPrepareMsi: { args: { fd: CDEV, vector: NUMBER, ipa: U64, address: U64, value: NUMBER }, binds: [] },
  ioasMapMsi: {
    args: {
      fd: { kind: 'handle', of: 'iommufd' },
      ioasId: { kind: 'handle', of: 'ioas' },
      devId: { kind: 'handle', of: 'device' },
      iova: U64,
      length: U64,
    },
    binds: [],
  },
  mmapIts: { args: { its: NUMBER, va: U64 }, binds: [] },
  munmapIts: { args: { va: U64 }, binds: [] },
};

/** Every command of a trace: what it takes and what it gives a name to. The ioctls' come from their structs. */
export const SHAPES: { readonly [N in CommandName]: CommandShape } = {
  ...(Object.fromEntries(
    (Object.keys(ALL_IOCTLS) as AnyIoctlName[]).map((name) => [name, ioctlShape(name)]),
  ) as { [N in AnyIoctlName]: CommandShape }),
  openIommufd: { args: {}, binds: BINDS.openIommufd ?? [] },
  openCdev: { args: { device: { kind: 'text' } }, binds: BINDS.openCdev ?? [] },
  openOther: { args: {}, binds: BINDS.openOther ?? [] },
  close: { args: { fd: FD }, binds: [] },
  read: {
    args: {
      fd: FD,
      count: { kind: 'number', default: 4096 },
      pos: { kind: 'number', default: 0 },
      writable: { kind: 'number', default: ALL_WRITABLE },
      noMemory: { kind: 'bool' },
    },
    binds: [],
  },
  destroyBegins: { args: { fd: IOMMUFD, id: { kind: 'handle', of: 'any' } }, binds: [] },
  vdeviceAllocBegins: {
    args: {
      fd: IOMMUFD,
      viommuId: { kind: 'handle', of: 'viommu' },
      devId: { kind: 'handle', of: 'device' },
      virtId: { kind: 'u64' },
    },
    binds: [],
  },
  callEnds: { args: {}, binds: [] },
  poll: { args: { fd: FD }, binds: [] },
  write: { args: { fd: FD, count: { kind: 'number', default: 8 }, data: WORDS }, binds: [] },
  pageRequest: { args: { group: NUMBER, address: U64, perm: NUMBER, last: BOOL }, binds: [] },
  mmapBar: { args: { fd: { kind: 'handle', of: 'cdev' }, va: { kind: 'u64' } }, binds: [] },
  munmapBar: { args: { va: { kind: 'u64' } }, binds: [] },
  smmuEvent: { args: { words: WORDS }, binds: [] },
  rescan: { args: {}, binds: [] },
  resetBegins: { args: {}, binds: [] },
  resetEnds: { args: {}, binds: [] },
  ...VMM_SHAPES,
  ...MACHINE_SHAPES,
  ...PASID_SHAPES,
  ...EMULATED_SHAPES,
  ...LEGACY_SHAPES,
  ...ACCESS_SHAPES,
  ...MSI_SHAPES,
};
