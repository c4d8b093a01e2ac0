/** How many bytes are behind a pointer: `each` for every unit of the product of `times`, divided by `per` (rounded up). */
export interface BufferLength {
  readonly each: number;
  /** Fields of the struct. */
  readonly times: readonly string[];
  readonly per?: string;
  /** It counts bits. */
  readonly bits?: true;
}

/** By the command that an ioctl is, how long its struct says that its buffer is (iommufd.h). */
export const BUFFER_LENGTHS: Readonly<Record<string, BufferLength>> = {
  ioasAllowIovas: { each: 16, times: ['numIovas'] },
  ioasIovaRanges: { each: 16, times: ['numIovas'] },
  hwptAlloc: { each: 1, times: ['dataLen'] },
  getHwInfo: { each: 1, times: ['dataLen'] },
  hwptInvalidate: { each: 1, times: ['entryLen', 'entryNum'] },
  viommuAlloc: { each: 1, times: ['dataLen'] },
  hwptGetDirtyBitmap: { each: 1, times: ['length'], per: 'pageSize', bits: true },
};
