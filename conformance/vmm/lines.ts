import { z } from 'zod';
import { InputError } from '../input-error.ts';
import { type Line as KernelLine, parseLine as parseKernelLine } from '../linux/lines.ts';

const address = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'an address such as 0x1000');
const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/, 'an even number of hexadecimal digits')
  .max(1 << 21);
const bdf = z.string().regex(/^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/, 'a PCI address such as 00:02.0');

const common = { seq: z.number().int(), section: z.string().max(200), note: z.string().max(1000).optional() };

/** What is said of the guest, of the operator and of what was seen, beside what the VMM calls. */
const ownSchema = z.discriminatedUnion('ev', [
  z.object({
    ...common,
    ev: z.literal('start'),
    args: z.string().max(20_000),
    /** Whether of the guest's memory only that is known which the VMM was seen to read. */
    unseen: z.boolean().optional(),
  }),
  z.object({
    ...common,
    ev: z.literal('qmp'),
    cmd: z.object({ execute: z.string().max(100), arguments: z.record(z.string(), z.unknown()).optional() }),
  }),
  z.object({
    ...common,
    ev: z.literal('qmp-reply'),
    r: z.array(z.record(z.string(), z.unknown())).max(1000),
  }),
  z.object({ ...common, ev: z.literal('output') }),
  z.object({ ...common, ev: z.literal('qtest') }),
  z.object({
    ...common,
    ev: z.literal('guest-write'),
    reg: z.string().max(40),
    smmu: address,
    val: address,
    /** Bytes; of a 64-bit register 4: its lower half alone. */
    len: z.number().int().min(1).max(8).optional(),
  }),
  z.object({ ...common, ev: z.literal('guest-read'), reg: z.string().max(40), smmu: address, val: address }),
  z.object({
    ...common,
    ev: z.literal('guest-store'),
    pa: address,
    hex: hex.optional(),
    len: z
      .number()
      .int()
      .min(0)
      .max(1 << 30)
      .optional(),
    byte: z.number().int().min(0).max(255).optional(),
  }),
  z.object({
    ...common,
    ev: z.literal('guest-config'),
    bdf,
    off: z.number().int().min(0).max(4095),
    val: address,
    len: z.number().int().min(1).max(4),
  }),
  z.object({
    ...common,
    ev: z.literal('transfer'),
    bar: address,
    dir: z.enum(['from-mem', 'to-mem']),
    iova: address,
    len: z
      .number()
      .int()
      .min(0)
      .max(1 << 20),
  }),
  z.object({ ...common, ev: z.literal('landed'), iova: address, where: z.string().max(100) }),
  z.object({ ...common, ev: z.literal('guest-event'), hex, smmu: address.optional() }),
]);

export type OwnLine = z.infer<typeof ownSchema>;

/** A line of a recording of a VMM: its own, or one about calls, as recordings of the kernel have them. */
export type Line = OwnLine | Exclude<KernelLine, { ev: 'transfer' }>;

export type LineOf<E extends Line['ev']> = Extract<Line, { ev: E }>;

const OWN: ReadonlySet<string> = new Set(ownSchema.options.map((option) => option.shape.ev.value));

/** Parses a line; what is out of shape is an `InputError`. */
export function parseLine(file: string, line: number, text: string): Line {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(file, line, 'expected a JSON object on every line');
  }
  const ev = typeof json === 'object' && json !== null && 'ev' in json ? json.ev : undefined;
  if (typeof ev !== 'string' || !OWN.has(ev)) {
    // An ioctl without a struct has no bytes.
    const isBare = ev === 'ioctl' && !('in' in (json as object));
    const parsed = parseKernelLine(
      file,
      line,
      isBare ? JSON.stringify({ ...(json as object), in: '', out: '' }) : text,
    );
    if (parsed.ev === 'transfer') throw new InputError(file, line, '"bar": expected an address');
    return parsed;
  }
  const parsed = ownSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the line' : `"${issue.path.join('.')}"`;
  throw new InputError(file, line, `${where}: ${issue?.message ?? 'out of shape'}`);
}
