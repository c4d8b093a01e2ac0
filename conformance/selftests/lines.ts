import { z } from 'zod';
import { jsonOfLine, outOfShape } from '../json-line.ts';
import { readLines } from '../read-lines.ts';

/** Characters of bytes in hexadecimal. */
const MAX_HEX = 1 << 17;

const hex = z
  .string()
  .max(MAX_HEX, { abort: true })
  .regex(/^([0-9a-f]{2})*$/, 'an even number of hexadecimal digits');
const address = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'an address such as 0x1000');
const fd = z.number().int().min(-1).max(0xffff);
const length = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What a pointer of a struct pointed at, as far as it was looked at (`truncated`: not all of `len` bytes). */
const buffer = z.object({
  off: z.number().int().min(0).max(4096),
  ptr: address,
  len: length,
  truncated: z.boolean(),
  in: hex,
  out: hex.optional(),
});

const common = {
  /** Fixture, variant and function. */
  t: z.string().max(200),
  f: fd,
  /** Error number. */
  x: z.number().int().min(0).max(4095).optional(),
};

const returned = { ...common, v: z.number().int().min(-1).max(0x7fff_ffff) };

const lineSchema = z.discriminatedUnion('e', [
  z.object({ ...returned, e: z.literal('open') }),
  z.object({ ...returned, e: z.literal('close') }),
  z.object({ ...returned, e: z.literal('read') }),
  z.object({ ...returned, e: z.literal('write') }),
  z.object({ ...returned, e: z.literal('munmap') }),
  z.object({ ...common, e: z.literal('mmap'), v: address }),
  z.object({
    ...returned,
    e: z.literal('ioctl'),
    /** The request. */
    r: z.string().regex(/^0x[0-9a-f]{1,8}$/, 'a request such as 0x3b80'),
    i: hex.optional(),
    o: hex.optional(),
    b: z.array(buffer).max(8).optional(),
    /** Whether the user address given was mapped; -1: nobody looked. */
    m: z.number().int().min(-1).max(1).optional(),
  }),
]);

/** One line of a recording of the kernel's own selftests. */
export type Line = z.infer<typeof lineSchema>;

export type LineOf<E extends Line['e']> = Extract<Line, { e: E }>;

/** Parses a line; broken JSON, an unknown kind or a field out of shape is an `InputError`. */
export function parseLine(file: string, line: number, text: string): Line {
  const parsed = lineSchema.safeParse(jsonOfLine(file, line, text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw outOfShape(file, line, issue);
}

/** Whether a file is a recording of selftests: its keys are short. */
export async function isSelftestRecording(path: string): Promise<boolean> {
  for await (const { text } of readLines(path)) return /^\{"t":/.test(text) && !/"ev":/.test(text);
  return false;
}
