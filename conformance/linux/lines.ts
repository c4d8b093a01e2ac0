import { z } from 'zod';
import { InputError } from '../input-error.ts';

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/, 'an even number of hexadecimal digits')
  .max(1 << 21);
const address = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'an address such as 0x1000');
const fd = z.number().int().min(-1).max(0x7fff_ffff);
const errno = z.number().int().min(0).max(4095);
const ret = z.number().int().min(-1).max(0x7fff_ffff);
const bdf = z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/, 'a PCI address');

/** What a pointer of an ioctl's struct pointed at, before and after; `+N` is N zero bytes. */
const buffer = z.object({
  off: z.number().int().min(0).max(4096),
  in: z.union([hex, z.string().regex(/^\+\d{1,7}$/)]),
  out: hex.optional(),
});

const common = { seq: z.number().int(), section: z.string().max(200), note: z.string().max(1000).optional() };

const lineSchema = z.discriminatedUnion('ev', [
  z.object({ ...common, ev: z.literal('meta') }),
  z.object({
    ...common,
    ev: z.literal('setup'),
    bdf,
    cdev: z.string().max(200),
    grp: z.string().regex(/^\d{1,9}$/, 'the number of an IOMMU group'),
  }),
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
  }),
  z.object({ ...common, ev: z.literal('read'), fd, ret, errno, hex }),
  z.object({ ...common, ev: z.literal('poll'), fd, ret, revents: address }),
  z.object({ ...common, ev: z.literal('write'), fd, ret, errno, hex: hex.optional() }),
  z.object({
    ...common,
    ev: z.literal('mmap'),
    va: address,
    len: address,
    fd: fd.optional(),
    bar: z.number().int().min(0).max(5).optional(),
  }),
  z.object({ ...common, ev: z.literal('munmap'), va: address, len: address }),
  z.object({
    ...common,
    ev: z.literal('store'),
    va: address,
    hex: hex.optional(),
    len: z.number().int().min(0).optional(),
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
  z.object({ ...common, ev: z.literal('dma') }),
  z.object({ ...common, ev: z.literal('mem') }),
]);

/** One line of a recording of the real kernel. */
export type Line = z.infer<typeof lineSchema>;

export type LineOf<E extends Line['ev']> = Extract<Line, { ev: E }>;

/** Parses a line; broken JSON, an unknown kind or a field out of shape is an `InputError`. */
export function parseLine(file: string, line: number, text: string): Line {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(file, line, 'expected a JSON object on every line');
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the line' : `"${issue.path.join('.')}"`;
  if (issue?.path[0] === 'ev') {
    const kinds = lineSchema.options.map((option) => option.shape.ev.value).join(', ');
    throw new InputError(file, line, `unknown kind of line in "ev"; expected one of ${kinds}`);
  }
  throw new InputError(file, line, `${where}: ${issue?.message ?? 'out of shape'}`);
}
