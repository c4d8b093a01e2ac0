import fc from 'fast-check';

/*
 * Inputs that are nearly right: what is in the corpus, changed in a few places. Structured ones also as documents, so that
 * what is wrong is not only the grammar.
 */

/** Texts that have broken something before, or look as if they could. */
const HOSTILE: readonly string[] = [
  '\u001b[2J\u001b[1;32mReplays exactly.',
  '\u202e\u2066',
  '\u009b31m',
  '::error::x',
  '##[error]x',
  '__proto__',
  'constructor',
  'toString',
  '"',
  '\\',
  '\\ud800',
  '\n',
  '\r',
  '\0',
  '\ufeff',
  '<script>',
  '```',
  '%0A',
  '{"a":'.repeat(40),
  '['.repeat(40),
  '0x',
  '0xffffffffffffffff',
  '0x10000000000000000',
  '+9999999',
  '-1',
  '-0',
  '1e999',
  '1e-999',
  '9'.repeat(80),
  '4294967296',
  '9007199254740993',
  'x'.repeat(300),
  'null',
  'true',
];

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }));

const hostileValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 31),
    -4096,
    1e308,
    [],
    {},
  ),
  hostileText,
  fc.integer(),
  fc.array(fc.constantFrom<unknown>(0, '0x0', null, {}, []), { maxLength: 300 }),
);

/** A change of a text at a place that is given as a part of its length. */
type Edit = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });

function at(text: string, share: number): number {
  return Math.min(text.length, Math.floor(share * (text.length + 1)));
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, hostileText).map(
    ([share, piece]): Edit =>
      (text) => {
        const here = at(text, share);
        return text.slice(0, here) + piece + text.slice(here);
      },
  ),
  fc.tuple(place, place).map(
    ([from, to]): Edit =>
      (text) => {
        const [start, end] = [at(text, Math.min(from, to)), at(text, Math.max(from, to))];
        return text.slice(0, start) + text.slice(end);
      },
  ),
  fc.tuple(place, fc.nat(200), fc.nat(20)).map(
    ([share, length, times]): Edit =>
      (text) => {
        const here = at(text, share);
        return text.slice(0, here) + text.slice(here, here + length).repeat(times) + text.slice(here);
      },
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([share, code]): Edit =>
      (text) => {
        const here = at(text, share);
        return text.slice(0, here) + String.fromCharCode(code) + text.slice(here + 1);
      },
  ),
  // A number or a string in quotes becomes another.
  fc.tuple(place, hostileText).map(
    ([share, piece]): Edit =>
      (text) => {
        const found = [...text.matchAll(/-?\d+|"[^"\n]*"/g)];
        const token = found[Math.min(found.length - 1, Math.floor(share * found.length))];
        if (token === undefined) return text;
        const quoted = token[0].startsWith('"') ? JSON.stringify(piece) : piece;
        return text.slice(0, token.index) + quoted + text.slice(token.index + token[0].length);
      },
  ),
);

/** Another value at a place of a document; a line that is none stays as it is. */
const graft: fc.Arbitrary<Edit> = fc.tuple(place, place, hostileValue, fc.boolean()).map(
  ([line, share, value, isName]): Edit =>
    (text) => {
      const isLines = /^\{.*\}$/m.test(text.split('\n', 1)[0] ?? '');
      const parts = isLines ? text.split('\n') : [text];
      const which = Math.min(parts.length - 1, Math.floor(line * parts.length));
      try {
        const document: unknown = JSON.parse(parts[which] ?? '');
        const places = placesIn(document);
        const [owner, key] = places[Math.min(places.length - 1, Math.floor(share * places.length))] ?? [];
        if (owner === undefined || key === undefined) return text;
        if (isName && !Array.isArray(owner)) owner[typeof value === 'string' ? value : 'extra'] = owner[key];
        else owner[key] = value;
        parts[which] = JSON.stringify(document, null, isLines ? 0 : 1);
      } catch {
        return text;
      }
      return parts.join('\n');
    },
);

type Owner = Record<string, unknown>;

function placesIn(value: unknown): (readonly [Owner, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Owner;
  return Object.keys(owner).flatMap((key) => [[owner, key] as const, ...placesIn(owner[key])]);
}

/** A text of the corpus after a few changes; several texts may be joined. */
export function mutated(corpus: readonly string[]): fc.Arbitrary<string> {
  const seed = fc.constantFrom(...corpus);
  return fc
    .tuple(seed, fc.array(fc.oneof(edit, graft, graft), { minLength: 1, maxLength: 5 }))
    .map(([text, edits]) => edits.reduce((changed, each) => each(changed), text));
}

const word = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'one-smmu',
      'ids-not-reused',
      '*',
      'kernel=linux-7.2',
      'kernel=intended,kernel=linux-7.2',
      'vsmmu=inherit',
      'detach-keeps-atc',
      'properties',
      'assignability',
      'no-pasid',
      '0',
      '1',
      '3',
      '10ms',
      '1s',
      'github',
      'junit=',
    ),
  },
);

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  check: ['--runs', '1', '--steps', '3', '--property', 'ids-not-reused'],
  explore: ['--depth', '1', '--scope', 'attach-slice:1,1,1', '--time', '1s'],
  diff: ['--depth', '1', '--scope', 'one-smmu', '--time', '1s'],
  list: [],
  replay: [],
  conform: [],
  minimise: ['--states', '1'],
  explain: ['--cell', 'no-pasid/mdev/none'],
  help: [],
};

const OPTIONS = [
  '--design',
  '--defect',
  '--property',
  '--scope',
  '--seed',
  '--json',
  '--reporter',
  '--hardware',
  '--no',
];

/** A command line that does little, whatever it says; the name of no file that is written is among its words. */
export const commandLine: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...Object.keys(COMMANDS)) },
      { weight: 1, arbitrary: word },
    ),
    fc.array(fc.tuple(fc.constantFrom(...OPTIONS, ''), word), { maxLength: 4 }),
  )
  .map(([command, options]) => [
    command,
    ...options.flatMap(([option, value]) =>
      option === '' || option === '--json' ? [option || value] : [option, value],
    ),
    ...(Object.hasOwn(COMMANDS, command) ? (COMMANDS[command] ?? []) : []),
  ])
  .filter(
    (argv) =>
      !argv.some(
        (each) =>
          each.startsWith('junit=') || /^-[^-]|^--(output|itf|trace-dir|checkpoint|workers)/.test(each),
      ),
  );
