import { describe, expect, it } from 'vitest';
import { nestcheck } from './terminal.ts';

describe('bad usage', () => {
  const cases: readonly [argv: readonly string[], message: RegExp][] = [
    [
      [],
      /^nestcheck: expected a command: check, run, explore, minimise, replay, conform, diff, explain, describe, completion, export, lab, live, record, list, view; --help tells more$/,
    ],
    [['prove'], /^nestcheck: unknown command 'prove'; known: check, /],
    [['check', '--fast'], /^nestcheck: unknown option '--fast'/],
    [['check', 'extra'], /^nestcheck: too many arguments/],
    [['check', '--seed', 'x'], /'--seed <n>' argument 'x' is invalid\. Expected a whole number from 0\.$/],
    [['check', '--seed', '-1'], /Expected a whole number from 0/],
    [['check', '--runs', '0'], /Expected a whole number from 1/],
    [['check', '--runs', '1e3'], /Expected a whole number from 1/],
    [['check', '--steps', '99999999999999999999'], /Expected a whole number from 1/],
    [['check', '--time', '30'], /Expected a duration such as 30s or 2m/],
    [['check', '--time', '0s'], /Expected a duration such as 30s or 2m/],
    [['check', '--runs'], /option '--runs <n>' argument missing/],
    [['check', '--design', 'kernel=linux-9'], /linux-9.*known: .*kernel=linux-7\.2/],
    [['check', '--design', 'gpu=fast'], /gpu.*known: /],
    [['check', '--design', './no/such/file.ts'], /\.\/no\/such\/file\.ts: cannot be loaded/],
    [['check', '--property', 'nope-*'], /unknown property 'nope-\*'; known: .*ids-not-reused/],
    [['check', '--scope', 'huge'], /unknown scope 'huge'; known: one-smmu, /],
    [['check', '--defect', 'gremlin'], /unknown defect 'gremlin'; known: .*iova-align-overflow/],
    [['replay'], /missing required argument 'trace'/],
    [['replay', '/no/such/trace.json'], /^nestcheck: \/no\/such\/trace\.json: cannot be read \(ENOENT\)$/],
    [['replay', '/'], /^nestcheck: \/: cannot be read \(EISDIR\)$/],
    [['conform'], /missing required argument 'recording'/],
    [['conform', '/no/such/recording.jsonl'], /\/no\/such\/recording\.jsonl.*ENOENT/],
    [['conform', 'package.json'], /^nestcheck: package\.json/],
    [['conform', 'README'], /README: expected a name that ends in \.jsonl/],
    [['list', 'everything'], /unknown kind 'everything'; known: properties, designs, /],
    [['list'], /missing required argument 'kind'/],
  ];

  it.each(cases)('%j exits 2 with one line that says what would do', async (argv, message) => {
    const { code, stdout, stderr } = await nestcheck(argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('the help of every command', async () => {
  const { stdout: all } = await nestcheck(['--help']);
  const names = [...all.matchAll(/^ {2}([a-z]+) (?:[[<]| {2})/gm)].flatMap(([, name = '']) =>
    name === 'help' ? [] : [name],
  );

  it('is of every command', () => {
    expect(names.length).toBeGreaterThan(12);
  });

  it.each(names)('%s: has examples, of options that there are', async (name) => {
    const { stdout } = await nestcheck([name, '--help']);
    const [, examples = ''] = stdout.split('Examples:');
    const lines = [...examples.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(1);
    // An example may go on with what another command makes of it.
    const own = lines.filter((line) => line.includes(`nestcheck ${name}`));
    expect(own.length).toBeGreaterThan(0);
    for (const line of own) {
      const [, sub = ''] = /nestcheck lab ([a-z]+)/.exec(line) ?? [];
      const known = sub === '' ? stdout : (await nestcheck([name, sub, '--help'])).stdout;
      for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(known, line).toContain(`${option} `);
    }
  });
});

it.each(['check', 'explore', 'diff'])('%s has no limit of time that was not asked for', async (name) => {
  const { stdout } = await nestcheck([name, '--help']);
  const [, about = ''] = /--time <duration>\s+([^-]*)/.exec(stdout) ?? [];
  expect(about.replaceAll(/\s+/g, ' ')).toContain('(default: no limit)');
});

describe('help and version', () => {
  it.each([[['--help']], [['help']], [['check', '--help']], [['help', 'replay']], [['--version']]])(
    '%j goes to stdout and exits 0',
    async (argv) => {
      const { code, stdout, stderr } = await nestcheck(argv);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/nestcheck|^\d+\.\d+\.\d+/);
    },
  );
});

describe('an internal error', () => {
  const argv = ['check', '--runs', '20', '--property', 'ids-not-reused'];

  it('is one line that says so, and exits 70', async () => {
    const { code, stdout, stderr } = await nestcheck(argv, { failing: true });
    expect(code).toBe(70);
    expect(stdout).toBe('');
    expect(stderr).toBe('nestcheck: internal error: no terminal today (this is a bug in nestcheck)\n');
  });

  it('shows its stack to those who ask for it', async () => {
    const { code, stderr } = await nestcheck(argv, { failing: true, env: { NESTCHECK_DEBUG: '1' } });
    expect(code).toBe(70);
    expect(stderr).toMatch(/^Error: no\nterminal today\n\s+at /);
  });
});

describe('nestcheck list', () => {
  it.each(['properties', 'designs', 'defects', 'deviations', 'scopes', 'decisions'])(
    '%s has a name, a sentence and a source for each',
    async (kind) => {
      const { code, stdout } = await nestcheck(['list', kind, '--json']);
      const report = JSON.parse(stdout) as { readonly items: readonly Record<string, string>[] };
      expect(code).toBe(0);
      expect(report).toMatchObject({ schema: 'nestcheck/1', command: 'list', kind });
      expect(report.items.length).toBeGreaterThan(0);
      for (const item of report.items) {
        expect(Object.keys(item)).toEqual(['name', 'summary', 'source']);
        for (const text of Object.values(item)) expect(text).toMatch(/\S/);
      }
      const names = report.items.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('commands says what each takes, as text and in JSON', async () => {
    const { stdout: text } = await nestcheck(['list', 'commands']);
    expect(text).toContain('hwptAlloc\n  Makes a page table of hardware');
    expect(text).toContain('    given by vmm\n');
    expect(text).toContain('    flags: u32, bits NEST_PARENT=1 DIRTY_TRACKING=2 FAULT_ID_VALID=4 PASID=8\n');
    const { code, stdout } = await nestcheck(['list', 'commands', '--json']);
    expect(code).toBe(0);
    const { items } = JSON.parse(stdout) as { readonly items: readonly Record<string, unknown>[] };
    const pin = items.find(({ name }) => name === 'mdevPin');
    expect(pin).toEqual({
      name: 'mdevPin',
      summary: "The acting device's driver pins pages (vfio_pin_pages()).",
      source: 'model/accesses',
      by: ['device'],
      args: [
        { name: 'iova', type: 'u64', min: '0x0', max: '0xffffffffffffffff', default: '0x0' },
        { name: 'length', type: 'u64', min: '0x0', max: '0xffffffffffffffff', unit: 'bytes', default: '0x0' },
        { name: 'write', type: 'bool', default: false },
      ],
    });
  });

  it('prints the same as text', async () => {
    const { stdout } = await nestcheck(['list', 'designs']);
    expect(stdout).toContain('kernel=linux-7.2\n  ');
    expect(stdout).toContain('(default)');
  });
});
