import type { LineOf } from '../conformance/linux/lines.ts';
import type { AgentDevice, Hello, OperationAnswer } from '../lab/channel.ts';
import type { Connection } from '../lab/guest.ts';
import type { DeviceHardware, IommuHardware } from '../model/platform/platform.ts';
import { kernel, USER_MEMORY } from '../workload/scopes/hardware.ts';
import { type Described, TargetLost } from './target.ts';

/*
 * The platform as the target tells it: sysfs through the agent's greeting, the SMMU's registers through GET_HW_INFO, what
 * can be nested by trying it.
 */

/** GICv3's ITS on QEMU's virt machine; no answer shows where it is. */
const DOORBELL = 0x802_0000n;

const words = (...values: readonly number[]): string => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 4 * at);
  return bytes.toString('hex');
};

const INFO_BYTES = 256;
const HW_INFO = { answer: 3, typeAt: 24 };
const SMMUV3_TYPE = 2;
const PROBE_MS = 20_000;

interface Probed {
  readonly registers: Omit<IommuHardware, 'kind' | 'name'> | null;
  readonly canwbs: boolean;
}

/** Asks about every device, and puts the answers together. @throws TargetLost where there is nothing to work with. */
export async function describeTarget({ channel, hello }: Connection): Promise<Described> {
  const devices = hello.devices.filter(({ cdev, group }) => cdev !== null && group >= 0);
  if (devices.length === 0)
    throw new TargetLost('the agent has no device that is bound to vfio-pci; name some, and bind them first');
  const iommus = [...new Set(devices.map(({ iommu }) => iommu ?? ''))].sort();
  const probed = new Map<AgentDevice, Probed>();
  for (const device of devices) probed.set(device, await probe(device, channel));
  const hardware = iommus.map((name, index): IommuHardware => {
    const behind = devices.find(
      (device) => (device.iommu ?? '') === name && probed.get(device)?.registers != null,
    );
    const registers = behind === undefined ? null : (probed.get(behind)?.registers ?? null);
    if (registers === null) throw new TargetLost(`the IOMMU ${name} is no SMMUv3: no other is modelled here`);
    return { kind: 'smmuv3', name: `smmu${index}`, ...registers };
  });
  const placed = devices.map((device) => hardwareOf(device, iommus, probed.get(device)?.canwbs ?? true));
  const { release, pageSize } = hello;
  return {
    platform: {
      name: 'live',
      kernel: kernel({ capSysResource: true, pageSize: BigInt(pageSize) }),
      iommus: hardware,
      devices: placed,
      its: [{ doorbell: DOORBELL }],
      vms: ['process'],
      userMemory: [USER_MEMORY],
    },
    meta: {
      ...{ seq: 0, section: '', ev: 'meta', kernel: release, page_size: pageSize, thp: false },
      complete: true,
    },
    setups: devices.map((device, at) => setupOf(device, placed[at] as DeviceHardware)),
    cdevs: new Map(devices.map(({ bdf, cdev }) => [bdf, cdev ?? ''])),
    dmaDevices: devices.filter(({ edu }) => edu).map(({ bdf }) => bdf),
    summary: summaryOf(hello, devices.length, iommus.length),
  };
}

function summaryOf(hello: Hello, devices: number, smmus: number): string {
  return `Linux ${hello.release} (${hello.architecture}), ${devices} devices behind ${smmus} SMMUv3`;
}

async function probe(device: AgentDevice, channel: Connection['channel']): Promise<Probed> {
  const { answers } = await channel.batch(
    [
      'open /dev/iommu',
      `open ${device.cdev}`,
      `ioctl $1 0x3b76 ${words(16, 0, 0, 0)} p 8 4 $0`,
      `ioctl $0 0x3b8a ${words(40, 0, 0, INFO_BYTES, 0, 0, 0, 0, 0, 0)} b 16 +${INFO_BYTES} p 8 4 $2+12:4`,
      `ioctl $0 0x3b81 ${words(12, 0, 0)}`,
      `ioctl $0 0x3b89 ${words(48, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)} p 8 4 $2+12:4 p 12 4 $4+8:4`,
      `ioctl $0 0x3b90 ${words(40, 0, 1, 0, 0, 0, 0, 0, 0, 0)} p 12 4 $2+12:4 p 16 4 $5+16:4`,
    ],
    PROBE_MS,
  );
  const bind = answers[2];
  if (bind?.kind !== 'done' || bind.ret < 0)
    throw new TargetLost(
      `${device.bdf} cannot be bound to iommufd (${bind?.kind === 'done' ? `errno ${bind.errno}` : 'no answer'})`,
    );
  const [parent, viommu] = [answers[5], answers[6]];
  const nests = parent?.kind === 'done' && parent.ret === 0;
  return {
    registers: registersOf(answers[HW_INFO.answer]),
    // Without stage 2 nothing tells, and nothing depends on it.
    canwbs: !nests || (viommu?.kind === 'done' && viommu.ret === 0),
  };
}

/** struct iommu_hw_info_arm_smmuv3: flags, reserved, IDR0 to IDR5, IIDR, AIDR. */
function registersOf(answer: OperationAnswer | undefined): Probed['registers'] {
  if (answer?.kind !== 'done' || answer.ret < 0) return null;
  const out = Buffer.from(answer.out, 'hex');
  const data = Buffer.from(answer.buffers[0] ?? '', 'hex');
  if (out.readUInt32LE(HW_INFO.typeAt) !== SMMUV3_TYPE || data.length < 40) return null;
  const at = (index: number) => data.readUInt32LE(4 * index);
  return { idr: [at(2), at(3), at(4), at(5), at(6), at(7)], iidr: at(8), aidr: at(9) };
}

function hardwareOf(device: AgentDevice, iommus: readonly string[], canwbs: boolean): DeviceHardware {
  const { bdf } = device;
  const bus = Number.parseInt(bdf.slice(5, 7), 16);
  const requesterId =
    (bus << 8) | (Number.parseInt(bdf.slice(8, 10), 16) << 3) | Number.parseInt(bdf.slice(11), 8);
  return {
    id: bdf,
    iommu: iommus.indexOf(device.iommu ?? ''),
    group: device.group,
    streamIds: device.bridge === null ? [requesterId] : [requesterId, bus << 8],
    canwbs,
    bar0Size: device.bar0Size,
    msiVectors: device.msiVectors,
    its: 0,
    configSize: device.configSize === 4096 ? 4096 : 256,
    vfioResets: device.resets,
  };
}

/** As a recording describes it: whoever replays it has the same platform. */
function setupOf({ cdev }: AgentDevice, hardware: DeviceHardware): LineOf<'setup'> {
  return {
    ...{ seq: 0, section: '', ev: 'setup', bdf: hardware.id, cdev: cdev ?? '', grp: String(hardware.group) },
    smmu: hardware.iommu,
    streams: [...hardware.streamIds],
    canwbs: hardware.canwbs,
    reset: hardware.vfioResets === false ? '' : 'some',
    config: hardware.configSize === 4096 ? 4096 : 256,
    bar0: hardware.bar0Size,
    msi: hardware.msiVectors,
  };
}
