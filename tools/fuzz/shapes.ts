import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Something of any size that a reader must give up at once, or read in the memory of a small one. */
export interface Shape {
  readonly name: string;
  readonly head: string;
  /** What comes again and again. */
  readonly unit: string;
}

/** What a trace begins with, and where its steps would be. */
const TRACE =
  '{"format":"nestcheck-trace/1","scope":"one-smmu","design":{},"defects":[],"property":null,"guarantee":null,"violation":null,"steps":[';
const SETUP =
  '{"seq":0,"section":"","ev":"setup","bdf":"0000:00:02.0","cdev":"/dev/vfio/devices/vfio0","grp":"2"}\n';

export const SHAPES: readonly Shape[] = [
  { name: 'line ends', head: '', unit: '\n' },
  { name: 'spaces', head: '', unit: ' ' },
  { name: 'zero bytes', head: '', unit: '\0' },
  { name: 'one long line', head: '"', unit: 'x' },
  { name: 'one long number', head: '', unit: '9' },
  { name: 'lists in lists', head: '', unit: '[' },
  { name: 'objects in objects', head: '', unit: '{"a":' },
  { name: 'a list of numbers', head: '[', unit: '0,' },
  { name: 'a list of lists', head: '[', unit: '[],' },
  { name: 'wrong steps', head: TRACE, unit: '0,' },
  { name: 'empty steps', head: TRACE, unit: '{},' },
  { name: 'the first key of ITF, and then a list', head: '{"#meta":[', unit: '{},' },
  { name: 'wrong configurations', head: '{"format":"smmuv3-vectors/1","configs":[', unit: '0,' },
  { name: 'wrong episodes', head: '{"format":"smmuv3-vectors/2","episodes":[', unit: '0,' },
  { name: 'one line of many values', head: `${SETUP}[`, unit: '0,' },
  { name: 'many devices', head: '', unit: SETUP },
  { name: 'the first line of a checkpoint, and then a list', head: 'nestcheck-checkpoint/1\n[', unit: '0,' },
];

const PIECE = 1 << 16;

/** Writes a shape of so many bytes; packed where the name ends in `.gz`. */
export async function writeShape(path: string, { head, unit }: Shape, bytes: number): Promise<void> {
  const piece = Buffer.from(unit.repeat(Math.ceil(PIECE / unit.length)));
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(head);
    for (let left = bytes; left > 0; left -= piece.length)
      yield piece.subarray(0, Math.min(left, piece.length));
  }
  const file = createWriteStream(path);
  if (path.endsWith('.gz')) await pipeline(Readable.from(pieces()), createGzip({ level: 1 }), file);
  else await pipeline(Readable.from(pieces()), file);
  if (!file.closed) await once(file, 'close');
}

/** The readers: how a file is called, and the command that reads it. */
export const TARGETS: readonly { readonly name: string; readonly argv: readonly string[] }[] = [
  { name: 'shape.json', argv: ['replay'] },
  { name: 'shape.json.gz', argv: ['replay'] },
  { name: 'shape.jsonl', argv: ['conform'] },
  { name: 'shape.jsonl.gz', argv: ['conform'] },
  { name: 'vectors.json', argv: ['conform'] },
  { name: 'vectors.json.gz', argv: ['conform'] },
  { name: 'hardware.json', argv: ['explain', 'assignability', '--hardware'] },
  {
    name: 'checkpoint',
    argv: ['explore', '--scope', 'attach-slice:1,1,1', '--property', 'nesting-on-one-psmmu', '--checkpoint'],
  },
];
