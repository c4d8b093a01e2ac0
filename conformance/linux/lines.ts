import { z } from 'zod';
import { InputError } from '../input-error.ts';
import { jsonOfLine, outOfShape } from '../json-line.ts';

/** Characters of bytes in hexadecimal: no struct, buffer or access of a recording has a tenth of that. */
const MAX_HEX = 1 << 17;

const hex = z
  .string()
  .max(MAX_HEX, { abort: true })
  .regex(/^([0-9a-f]{2})*$/, 'an even number of hexadecimal digits');
const address = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'an address such as 0x1000');
const fd = z.number().int().min(-1).max(0x7fff_ffff);
const errno = z.number().int().min(0).max(4095);
const ret = z.number().int().min(-1).max(0x7fff_ffff);
/** Calls that are not replayed: what the answer to them was, if anything. */
const any = {
  fd: fd.optional(),
  ret: ret.optional(),
  errno: errno.optional(),
  path: z.string().max(4096).optional(),
  /** Whether a new process has a copy of its parent's descriptors, or the same. */
  files: z.enum(['copied', 'shared']).optional(),
  status: z.number().int().min(0).max(255).optional(),
};
const small = z.number().int().min(0).max(64);
const bdf = z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/, 'a PCI address');

/** What a pointer of an ioctl's struct pointed at, before and after; `+N` is N zero bytes (`buffer-length.ts`). */
const buffer = z.object({
  off: z.number().int().min(0).max(4096),
  in: z.union([hex, z.string().regex(/^\+\d{1,7}$/, 'hexadecimal digits, or + and a number of zero bytes')]),
  out: hex.optional(),
});

/** Bytes of one store: the memory of the recorded process has 4 MiB. */
const MAX_STORE = 1 << 26;

const count = z.number().int().min(0);
const common = {
  seq: z.number().int(),
  section: z.string().max(200),
  note: z.string().max(1000).optional(),
  /** Which process and which thread of it made the call, as `nestcheck record` says it. */
  pid: count.optional(),
  tid: count.optional(),
  /** Microseconds since the recording began. */
  t: count.optional(),
  /** The number of the next line when the call began: those from there on came while the kernel worked on it. */
  begin: count.optional(),
  /** Calls on which the kernel then still worked. */
  flight: count.optional(),
};

/** Calls of a process, and things done to it or its machine, that recordings can have and that are not replayed. */
export const UNREPLAYED = [
  'pread',
  'pwrite',
  'readv',
  'writev',
  'preadv',
  'pwritev',
  'lseek',
  'fstat',
  'sysfs',
  'proc',
  'sleep',
  'fork',
  'vfork',
  'clone',
  'execve',
  'exit',
  'kill',
  'wait',
  'prctl',
  'setrlimit',
  'setuid',
  'dup2',
  'dup3',
  'fcntl',
  'sendmsg',
  'recvmsg',
  'socketpair',
  'pidfd_getfd',
  'mremap',
  'madvise',
  'mlock',
  'ftruncate',
  'fallocate',
  'odd',
] as const;
/**
 * Group numbers are given out lowest first (iommu_group_alloc: ida_alloc), so there is none beyond the devices of a
 * machine: those of one PCI segment are taken for enough.
 */
const MAX_GROUP = 0xffff;

const lineSchema = z.discriminatedUnion('ev', [
  /** What the machine and its kernel are. */
  z.object({
    ...common,
    ev: z.literal('meta'),
    /** Of `nestcheck record`: lines are those of several processes, descriptors their own. */
    recorder: z.literal('nestcheck-recorder/1').optional(),
    /** What was started. */
    command: z.array(z.string().max(20_000)).max(256).optional(),
    kernel: z.string().max(100).optional(),
    /** Bytes. */
    page_size: z.number().int().min(4096).max(65536).optional(),
    /** Whether memory comes in transparent huge pages. */
    thp: z.boolean().optional(),
    /** Whether everything is recorded that the process did: also its eventfd() and munmap(). */
    complete: z.boolean().optional(),
  }),
  /** A device. What is left out is as on the machine whose recordings lie beside this project. */
  z.object({
    ...common,
    ev: z.literal('setup'),
    bdf,
    cdev: z.string().max(200).optional(),
    grp: z
      .string()
      .regex(/^\d{1,9}$/, 'the number of an IOMMU group')
      .refine((text) => Number(text) <= MAX_GROUP, `the number of an IOMMU group, at most ${MAX_GROUP}`),
    /** Which SMMU it is behind: any name. */
    smmu: z.union([z.string().max(100), small]).optional(),
    streams: z.array(z.number().int().min(0).max(0xffff_ffff)).min(1).max(8).optional(),
    canwbs: z.boolean().optional(),
    /** `reset_method` of sysfs; empty: none. */
    reset: z.string().max(200).optional(),
    /** Bytes of configuration space; 4096 on PCI Express. */
    config: z.union([z.literal(256), z.literal(4096)]).optional(),
    /** Bytes of BAR 0. */
    bar0: z
      .number()
      .int()
      .min(0)
      .max(2 ** 40)
      .optional(),
    /** MSI vectors, and lines (0 or 1). */
    msi: small.optional(),
    intx: small.optional(),
    /** Bits of its PASIDs. */
    pasid: small.optional(),
    ats: z.boolean().optional(),
    /** What GET_HW_INFO answers for it: the type, and the struct. */
    hw_type: z.number().int().min(0).max(0xffff_ffff).optional(),
    hw_info: hex.optional(),
  }),
  /** A descriptor that came from another process (SCM_RIGHTS, pidfd_getfd()), and which it was there, where that is known. */
  z.object({
    ...common,
    ev: z.literal('receive'),
    fd,
    path: z.string().max(4096),
    from_pid: count.optional(),
    from_fd: fd.optional(),
  }),
  /** A descriptor that a process had when its recording began. */
  z.object({ ...common, ev: z.literal('found'), fd, path: z.string().max(4096) }),
  /** What a VMM says of its guest on its standard error. */
  z.object({ ...common, ev: z.literal('said'), text: z.string().max(1 << 19) }),
  /** Another process gets a descriptor: what a fork() or a `receive` comes to. */
  z.object({ ...common, ev: z.literal('pass'), fd, to: z.string().max(64), ret, errno }),
  z.object({ ...common, ev: z.literal('open'), path: z.string().max(200), ret, errno }),
  z.object({ ...common, ev: z.literal('close'), fd, ret, errno }),
  z.object({
    ...common,
    ev: z.literal('ioctl'),
    fd,
    name: z.string().max(60),
    nr: z.string().regex(/^0x[0-9a-f]{2}$/),
    in: hex,
    out: hex,
    bufs: z.array(buffer).max(8).optional(),
    ret,
    errno,
    /** What calls have in place of a struct. */
    arg: z.number().int().min(0).max(0xffff_ffff).optional(),
  }),
  z.object({ ...common, ev: z.literal('dup'), fd, ret, errno }),
  z.object({ ...common, ev: z.enum(UNREPLAYED), ...any }),
  z.object({
    ...common,
    ev: z.literal('read'),
    fd,
    ret,
    errno,
    hex: hex.optional(),
    count: count.optional(),
  }),
  z.object({ ...common, ev: z.literal('poll'), fd, ret, revents: address }),
  z.object({ ...common, ev: z.literal('write'), fd, ret, errno, hex: hex.optional() }),
  z.object({
    ...common,
    ev: z.literal('mmap'),
    va: address,
    len: address,
    fd: fd.optional(),
    bar: z.number().int().min(0).max(5).optional(),
    prot: z.string().max(20).optional(),
  }),
  z.object({
    ...common,
    ev: z.literal('mprotect'),
    ...any,
    // Where they are told in this form.
    va: address.optional().catch(undefined),
    len: address.optional().catch(undefined),
    prot: z.string().max(20).optional().catch(undefined),
  }),
  z.object({ ...common, ev: z.literal('munmap'), va: address, len: address }),
  z.object({
    ...common,
    ev: z.literal('store'),
    va: address,
    hex: hex.optional(),
    len: z.number().int().min(0).max(MAX_STORE).optional(),
    byte: z.number().int().min(0).max(255).optional(),
  }),
  z.object({ ...common, ev: z.literal('load'), va: address, hex }),
  z.object({
    ...common,
    ev: z.literal('transfer'),
    bdf,
    dir: z.enum(['from-mem', 'to-mem']),
    iova: address,
    len: z
      .number()
      .int()
      .min(0)
      .max(1 << 20),
  }),
  z.object({ ...common, ev: z.literal('msi'), bdf: bdf.optional(), fired: z.boolean() }),
  z.object({
    ...common,
    ev: z.literal('legacy'),
    what: z.string().max(200),
    real: z.string().max(20),
    extra: z.string().max(400).optional(),
  }),
  z.object({ ...common, ev: z.literal('dma') }),
  z.object({ ...common, ev: z.literal('mem') }),
]);

/** One line of a recording of the real kernel. */
export type Line = z.infer<typeof lineSchema>;

export type LineOf<E extends Line['ev']> = Extract<Line, { ev: E }>;

/** Parses a line; broken JSON, an unknown kind or a field out of shape is an `InputError`. */
export function parseLine(file: string, line: number, text: string): Line {
  const parsed = lineSchema.safeParse(jsonOfLine(file, line, text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.path[0] === 'ev') {
    const kinds = lineSchema.options
      .flatMap((option) => ('value' in option.shape.ev ? [option.shape.ev.value] : option.shape.ev.options))
      .join(', ');
    throw new InputError(file, line, `unknown kind of line in "ev"; expected one of ${kinds}`);
  }
  throw outOfShape(file, line, issue);
}
