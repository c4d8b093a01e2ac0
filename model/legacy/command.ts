interface OnContainer {
  readonly container: number;
}

interface OnGroup {
  readonly group: number;
}

interface OnVectors extends OnGroup {
  readonly device: string;
  readonly count: number;
}

/** The calls of VFIO's old containers, and what devices and the host do. Containers and groups are named by number. */
export interface LegacyArgs {
  /** open("/dev/vfio/vfio"); tells the number. */
  readonly containerOpen: Record<never, never>;
  readonly containerClose: OnContainer;
  readonly containerCheckExtension: OnContainer & { readonly extension: number };
  readonly containerGetInfo: OnContainer & { readonly argsz: number };
  readonly containerSetIommu: OnContainer & { readonly type: number };
  readonly containerMapDma: OnContainer & {
    readonly argsz: number;
    readonly flags: number;
    readonly vaddr: bigint;
    readonly iova: bigint;
    readonly length: bigint;
  };
  readonly containerUnmapDma: OnContainer & {
    readonly argsz: number;
    readonly flags: number;
    readonly iova: bigint;
    readonly length: bigint;
  };
  /** open("/dev/vfio/<group>") */
  readonly groupOpen: OnGroup;
  readonly groupClose: OnGroup;
  readonly groupSetContainer: OnGroup & OnContainer;
  readonly groupUnsetContainer: OnGroup;
  /** VFIO_GROUP_GET_DEVICE_FD, and close of what it gave. */
  readonly groupGetDevice: OnGroup & { readonly device: string };
  readonly groupCloseDevice: OnGroup & { readonly device: string };
  /** VFIO_DEVICE_SET_IRQS: the first vectors of a device on, or with a count of 0 all off. */
  readonly groupSetIrqs: OnVectors;
  /** A thread of the process is in SET_IRQS of a device's first vector: it has looked for the doorbell's page … */
  readonly groupBeginSetIrqs: OnGroup & { readonly device: string };
  /** … and takes one. */
  readonly groupEndSetIrqs: OnGroup & { readonly device: string };
  /** A driver of the host switches vectors of its device on, or off. */
  readonly hostDriverSetIrqs: OnVectors;
  /** A driver of the host takes a device, or gives it up. */
  readonly hostDriverBind: OnGroup & { readonly device: string };
  readonly hostDriverUnbind: OnGroup & { readonly device: string };
  /** A device of the group reads or writes. */
  readonly legacyDma: OnGroup & { readonly iova: bigint; readonly write: boolean };
}

export type LegacyCommandName = keyof LegacyArgs;
