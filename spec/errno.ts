/**
 * The error numbers that the iommufd and VFIO interfaces give, as Linux numbers them
 * (asm-generic/errno-base.h, asm-generic/errno.h).
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  ERANGE: 34,
  EBADE: 52,
  EOVERFLOW: 75,
  EBADFD: 77,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  /** No interface gives it: what stands in a trace for a command that had no answer. */
  ENOTRECOVERABLE: 131,
} as const;

/** An error number by its name. */
export type Errno = keyof typeof ERRNO;

const NAMES: ReadonlyMap<number, Errno> = new Map(
  (Object.entries(ERRNO) as [Errno, number][]).map(([name, number]) => [number, name]),
);

/** The name of an error number, or undefined where the interfaces modelled here never give it. */
export function errnoName(number: number): Errno | undefined {
  return NAMES.get(number);
}
