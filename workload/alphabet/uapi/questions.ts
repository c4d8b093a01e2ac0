import { HW_INFO_TYPE, VIOMMU_INVALIDATE_DATA, VIOMMU_TYPE } from '../../../spec/iommufd/constants.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { commandTable } from '../commands.ts';
import type { Family } from './family.ts';

const COMMAND_BYTES = 16;

/** A command of the guest's own, one that names a virtual StreamID, and one that is the host's. */
const TLBI = encodeCommand('TLBI_NH_ASID', { ASID: 1 });
const CFGI = encodeCommand('CFGI_CD', { Leaf: 1 });
const FORBIDDEN = encodeCommand('TLBI_EL2_ALL');

const ARRAYS: readonly (readonly bigint[])[] = [[], TLBI, CFGI, [...TLBI, ...FORBIDDEN]];

/** What a VMM passes on of its guest's command queue. It changes no state: its effects are looked at step by step. */
export const invalidations: Family = ({ of }) => {
  const invalidate = commandTable((process, fd, hwptId, which) => {
    const data = ARRAYS[which] ?? [];
    return of(process, 'hwptInvalidate', {
      fd,
      hwptId,
      dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3,
      ...(data.length === 0 ? {} : { entryLen: COMMAND_BYTES, entryNum: data.length / 2, data }),
    });
  });
  return ({ process, contexts }, tried) => {
    for (const { fd, viommus } of contexts)
      for (const viommu of viommus)
        for (let which = 0; which < ARRAYS.length; which++)
          tried.push(invalidate(process, fd, viommu, which));
  };
};

/** An id that no object ever has. */
const NO_ID = 0x7fff_ffff;

/** Questions, and requests that are never granted: nothing of it changes anything. */
export const questions: Family = ({ of }) => {
  const ranges = commandTable((process, fd, ioasId, numIovas) =>
    of(process, 'ioasIovaRanges', { fd, ioasId, numIovas }),
  );
  const hwInfo = commandTable((process, fd, devId) =>
    of(process, 'getHwInfo', { fd, devId, dataType: HW_INFO_TYPE.DEFAULT, dataLen: 40 }),
  );
  const reserved = commandTable((process, fd, devId, hwptId) =>
    of(process, 'viommuAlloc', { fd, type: VIOMMU_TYPE.ARM_SMMUV3, devId, hwptId, reserved: 1 }),
  );
  const destroyNothing = commandTable((process, fd) => of(process, 'destroy', { fd, id: NO_ID }));
  const changeProcess = commandTable((process, fd) => of(process, 'ioasChangeProcess', { fd }));
  return ({ process, contexts }, tried) => {
    for (const { fd, ioases, devices, hwpts } of contexts) {
      for (const ioas of ioases) {
        tried.push(ranges(process, fd, ioas, 8));
        tried.push(ranges(process, fd, ioas, 1));
      }
      for (const device of devices) tried.push(hwInfo(process, fd, device));
      const [device] = devices;
      const [hwpt] = hwpts;
      if (device !== undefined && hwpt !== undefined) tried.push(reserved(process, fd, device, hwpt));
      tried.push(destroyNothing(process, fd));
      tried.push(changeProcess(process, fd));
    }
  };
};
