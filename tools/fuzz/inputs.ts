import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { commandLine, mutated } from './mutate.ts';

/** What is fed to a reader: a file for a command, or a command line. */
export type Input =
  | {
      readonly reader: string;
      readonly argv: readonly string[];
      readonly name: string;
      readonly text: string;
    }
  | { readonly reader: 'command line'; readonly argv: readonly string[] };

/** Of each reader, the files of the corpus that it is for, and the command that reads them. */
const READERS: readonly { readonly reader: string; readonly is: RegExp; readonly argv: readonly string[] }[] =
  [
    { reader: 'trace', is: /^(?!vectors|hardware).*(?<!\.itf)\.json$/, argv: ['replay'] },
    { reader: 'ITF', is: /\.itf\.json$/, argv: ['replay'] },
    { reader: 'recording', is: /\.jsonl$/, argv: ['conform'] },
    { reader: 'vectors', is: /^vectors.*\.json$/, argv: ['conform'] },
    {
      reader: 'hardware',
      is: /^hardware.*\.json$/,
      argv: ['explain', 'assignability', '--cell', '*/mdev/none', '--hardware'],
    },
  ];

/** What a fuzzer draws from: the corpus in this folder, for every reader, and command lines. */
export async function inputsFrom(folder: string): Promise<fc.Arbitrary<Input>> {
  const names = (await readdir(folder)).sort();
  const ofReaders = await Promise.all(
    READERS.map(async ({ reader, is, argv }) => {
      const own = names.filter((name) => is.test(name));
      const texts = await Promise.all(own.map((name) => readFile(join(folder, name), 'utf8')));
      const extension = reader === 'recording' ? '.jsonl' : '.json';
      return fc
        .tuple(mutated(texts), fc.constantFrom('', '', '.gz'), fc.boolean())
        .map(([text, packed, isJson]): Input => {
          const name = `input${extension}${reader === 'recording' || reader === 'vectors' ? packed : ''}`;
          return { reader, argv: [...argv, name, ...(isJson ? ['--json'] : [])], name, text };
        });
    }),
  );
  return fc.oneof(
    ...ofReaders,
    commandLine.map((argv): Input => ({ reader: 'command line', argv })),
  );
}

/** The input's command line, its file written where that says; gone when `use` has ended. */
export async function withFile<T>(input: Input, use: (argv: readonly string[]) => Promise<T>): Promise<T> {
  if (!('name' in input)) return use(input.argv);
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-fuzz-'));
  try {
    const path = join(folder, input.name);
    await writeFile(path, input.name.endsWith('.gz') ? gzipSync(input.text, { level: 1 }) : input.text);
    return await use(input.argv.map((word) => (word === input.name ? path : word)));
  } finally {
    await rm(folder, { recursive: true });
  }
}
