import type { IommuHardware, Platform } from '../../platform/platform.ts';
import { type Implementation, implementationOf } from '../architecture/implementation.ts';

/** A StreamID that a device's DMA arrives under. */
export interface Stream {
  readonly index: number;
  readonly device: number;
  readonly smmu: number;
  readonly streamId: number;
  /** The device has an ATC. */
  readonly ats: boolean;
}

const known = new WeakMap<Platform, readonly Stream[]>();

/** Every stream of a platform, by device and then in the device's order. */
export function streamsOf(platform: Platform): readonly Stream[] {
  let streams = known.get(platform);
  if (streams === undefined) {
    streams = platform.devices
      .flatMap(({ iommu, streamIds, ats = false }, device) =>
        streamIds.map((streamId) => ({ device, smmu: iommu, streamId, ats })),
      )
      .map((stream, index) => ({ index, ...stream }));
    known.set(platform, streams);
  }
  return streams;
}

const implementations = new WeakMap<IommuHardware, Implementation>();

/** What a pSMMU implements, decoded once. */
export function implementationFor(hardware: IommuHardware): Implementation {
  let implementation = implementations.get(hardware);
  if (implementation === undefined) {
    const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = hardware.idr;
    const { iidr: IIDR, aidr: AIDR } = hardware;
    implementation = implementationOf({ IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR, AIDR });
    implementations.set(hardware, implementation);
  }
  return implementation;
}
