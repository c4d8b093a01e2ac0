import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { nestcheck } from './terminal.ts';

const MAIN = join(ROOT, 'dist/bundle/cli.js');
const SMALL = ['explore', '--scope', 'attach-slice:2,2,3'];
const HOLDS = [...SMALL, '--property', 'nesting-on-one-psmmu'];
const VIOLATED = [...SMALL, '--design', 'kernel=linux-7.2', '--property', 'vsmmus-have-own-tag'];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-explore-'));
});

interface Timed {
  readonly seconds: number;
  readonly scopes: readonly { readonly seconds: number }[];
}

interface Counts {
  readonly unreducedStates: number;
  readonly unreducedTransitions: number;
}

/** A report without the times in it. */
function untimed(json: string): object {
  const report = JSON.parse(json) as Timed;
  return { ...report, seconds: 0, scopes: report.scopes.map((scope) => ({ ...scope, seconds: 0 })) };
}

/** The report of the built command, whatever it ends with. */
async function built(argv: readonly string[]): Promise<object> {
  const ran = promisify(execFile)(process.execPath, [MAIN, ...argv, '--json']);
  const { stdout } = (await ran.catch((error: unknown) => error)) as { readonly stdout: string };
  return untimed(stdout);
}

describe('nestcheck explore', () => {
  it.each([
    ['0 where all hold', HOLDS, 0],
    ['1 where a property is violated', VIOLATED, 1],
    ['3 where a property is vacuous', [...SMALL, '--depth', '1', '--property', 'nesting-on-one-psmmu'], 3],
    ['3 where there are too many states', [...HOLDS, '--max-states', '20'], 3],
    ['2 where a property compares whole runs', [...SMALL, '--property', 'contexts-independent'], 2],
    ['2 where there is no such scope', ['explore', '--scope', 'attach-slice:9,9,9'], 2],
  ])('exits %s', async (_, argv, code) => {
    expect((await nestcheck(argv)).code).toBe(code);
  });

  it('ends when all that was asked is violated, though there is more to see', async () => {
    const { code, stdout } = await nestcheck([
      ...['explore', '--scope', 'one-vsmmu', '--design', 'vsmmu=inherit', '--json'],
      ...['--property', 'boots-without-a-device'],
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ scopes: [{ ended: 'decided', depth: 1, complete: false }] });
  });

  it.each([
    ['attach-slice:3,2,4', 'attach-slice'],
    ['attach-slice:1,1,1', 'attach-slice:1,1,1'],
    ['attach-slice:6,8,8', 'attach-slice:6,8,8'],
  ])('explores the slice %s under its name %s', async (name, known) => {
    const argv = ['explore', '--scope', name, '--scope', known, '--depth', '1', '--json'];
    const { stdout } = await nestcheck([...argv, '--property', 'nesting-on-one-psmmu']);
    const { scopes } = JSON.parse(stdout) as { readonly scopes: readonly { readonly scope: string }[] };
    expect(scopes.map(({ scope }) => scope)).toEqual([known]);
  });

  it.each(['attach-slice:', 'attach-slice:0,2,3', 'attach-slice:7,1,1', 'attach-slice:2,2', 'attach-slices'])(
    'refuses the slice %s in one line that says what a slice is',
    async (name) => {
      const { code, stderr } = await nestcheck(['explore', '--scope', name]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `nestcheck: unknown scope '${name}': expected attach-slice or attach-slice:D,V,N with 1 to 6 devices, 1 to 8 vIOMMUs and 1 to 8 HWPTs\n`,
      });
    },
  );

  it('explores a slice whose platform was changed: as many states as without symmetry', async () => {
    const small = [
      'explore',
      '--scope',
      'attach-slice:2,2,2',
      '--property',
      'nesting-on-one-psmmu',
      '--json',
    ];
    const counted = async (argv: readonly string[]): Promise<Counts> =>
      (JSON.parse((await nestcheck([...argv])).stdout) as { readonly scopes: readonly [Counts] }).scopes[0];
    const argv = [...small, '--set', 'dev1.iommu=smmu0'];
    const { unreducedStates, unreducedTransitions } = await counted(argv);
    expect(unreducedStates).toBeGreaterThan((await counted(small)).unreducedStates);
    const whole = await nestcheck([...argv, '--no-symmetry']);
    expect(JSON.parse(whole.stdout)).toMatchObject({
      scopes: [{ states: unreducedStates, transitions: unreducedTransitions, complete: true }],
    });
  });

  it.each([
    [
      ['guest-dma'],
      /^nestcheck: guest-dma is not explored: what caches may hold makes too many states; expected one-smmu, /,
    ],
    [
      ['emulated', '--set', 'emulated.IDR0=0'],
      /^nestcheck: emulated is not explored: no finite set of commands /,
    ],
    [
      ['attach-slice', '--set', 'its0.unisolated=on'],
      /^nestcheck: attach-slice: its exploration begins with vfioBind, which is refused: EPERM\n$/,
    ],
  ])('says why not of %j', async ([scope = '', ...more], message) => {
    const { code, stdout, stderr } = await nestcheck(['explore', '--scope', scope, ...more]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('says how far it came, up to symmetry and without', async () => {
    const { stdout, stderr } = await nestcheck(HOLDS);
    expect(stderr).toBe('');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'attach-slice:2,2,3: complete at 9 commands: 1,005 states (for 22,443 without symmetry), 8,433 transitions (for 187,656)',
    );
    expect(stdout).toMatch(/^Holds: the property is not violated in any state or step/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      "Repeat with: nestcheck explore --property nesting-on-one-psmmu --scope 'attach-slice:2,2,3'",
    );
  });

  it('counts as many without symmetry', async () => {
    const argv = [...HOLDS, '--depth', '3', '--json'];
    const [reduced, whole] = [await nestcheck(argv), await nestcheck([...argv, '--no-symmetry'])];
    const { scopes } = JSON.parse(reduced.stdout) as { readonly scopes: readonly [Counts] };
    const [{ unreducedStates, unreducedTransitions }] = scopes;
    expect(JSON.parse(whole.stdout)).toMatchObject({
      states: unreducedStates,
      transitions: unreducedTransitions,
      depth: 3,
      complete: false,
    });
  });

  it('draws the trace of a violated property', async () => {
    const { stdout } = await nestcheck(VIOLATED);
    expect(stdout).toMatch(/^violates vsmmus-have-own-tag: /m);
    expect(stdout).toMatch(/^Violated: 1 of 1 property/m);
  });

  it('names the commands that were never made, and the outcomes that none of the others had', async () => {
    const { stdout } = await nestcheck([...HOLDS, '--json']);
    const { neverReached, coverage } = JSON.parse(stdout) as {
      readonly neverReached: Readonly<Record<string, readonly string[]>>;
      readonly coverage: Readonly<Record<string, object>>;
    };
    expect(coverage.ioasMap).toEqual({});
    expect(neverReached.vdeviceAlloc).toContain('EEXIST');
    expect(neverReached).not.toHaveProperty('ioasMap');
  });

  it('ends cleanly with the counts so far when interrupted', async () => {
    const argv = ['explore', '--scope', 'attach-slice', '--no-symmetry', '--property', 'nesting-*'];
    const { code, stdout } = await nestcheck(argv, { interruptAfter: 300 });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^attach-slice: interrupted after \d+ commands: [\d,]+ states/m);
    expect(stdout).toMatch(/^Inconclusive: it was interrupted/m);
  });

  it('reports the same with two workers', async () => {
    const argv = ['explore', '--scope', 'attach-slice:3,2,3', '--design', 'kernel=linux-7.2', '--depth', '5'];
    const properties = ['--property', 'vsmmus-have-own-tag', '--property', 'nesting-on-one-psmmu'];
    const [first, second] = await Promise.all(
      ['1', '2'].map((workers) => built([...argv, ...properties, '--workers', workers])),
    );
    expect(first).toMatchObject({ verdict: 'violated', depth: 5 });
    expect(second).toEqual(first);
  });
});

/** What the forgeries change of a checkpoint's header. */
interface Forged {
  readonly states: number;
  readonly search: object;
  readonly done: { readonly scopes: object[]; readonly traces: unknown[] };
}

describe('a checkpoint', () => {
  const LARGER = [
    ...['explore', '--scope', 'attach-slice:3,2,3', '--depth', '6'],
    ...['--property', 'nesting-on-one-psmmu'],
  ];

  it('lets a killed exploration go on to the very same report', async () => {
    const checkpoint = join(folder, 'killed');
    const argv = [...LARGER, '--checkpoint', checkpoint];
    const child = spawn(process.execPath, [MAIN, ...argv], { stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    while (!existsSync(checkpoint) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    expect(await ended, 'it ended, with this status, before it could be killed').toBeNull();
    const [resumed, whole] = await Promise.all([built(argv), built(LARGER)]);
    expect(resumed).toEqual(whole);
  });

  it('is gone on with after an interrupt, and may be of an exploration that is through', async () => {
    const argv = [...HOLDS, '--checkpoint', join(folder, 'through')];
    const { stdout: first } = await nestcheck([...argv, '--json']);
    const { stdout: again } = await nestcheck([...argv, '--json']);
    expect(untimed(again)).toEqual(untimed(first));
  });

  const damage: readonly [what: string, change: (bytes: Buffer) => Buffer, argv: string[], says: RegExp][] = [
    ['torn', (bytes) => bytes.subarray(0, bytes.length >> 1), HOLDS, /the checkpoint is torn/],
    ['empty', () => Buffer.alloc(0), HOLDS, /expected a checkpoint/],
    ['no checkpoint', () => Buffer.from('# notes\n'), HOLDS, /expected a checkpoint/],
    [
      'damaged in one bit',
      (bytes) => {
        const copy = Buffer.from(bytes);
        copy[copy.length - 100] = (copy[copy.length - 100] ?? 0) ^ 1;
        return copy;
      },
      HOLDS,
      /checksum is wrong/,
    ],
    [
      'of another scope',
      (bytes) => bytes,
      [...LARGER],
      /another exploration: scopes attach-slice:2,2,3, expected/,
    ],
    [
      'of another design',
      (bytes) => bytes,
      [...HOLDS, '--design', 'kernel=linux-7.2'],
      /another exploration: design/,
    ],
    [
      'of another depth',
      (bytes) => bytes,
      [...HOLDS, '--depth', '4'],
      /another exploration: depth any, expected 4/,
    ],
    ['of other states', (bytes) => bytes, [...HOLDS, '--no-symmetry'], /another exploration: symmetry on/],
  ];

  /** With its header changed, and the checksum right again. */
  function forged(change: (header: Forged) => unknown, columns?: (words: DataView, states: number) => void) {
    return (bytes: Buffer): Buffer => {
      const start = bytes.indexOf('\n') + 1;
      const end = bytes.indexOf('\n', start);
      const header = JSON.parse(bytes.toString('utf8', start, end)) as Forged;
      change(header);
      const body = Buffer.from(bytes.subarray(end + 1, -32));
      columns?.(new DataView(body.buffer, body.byteOffset, body.byteLength), header.states);
      const content = Buffer.concat([
        bytes.subarray(0, start),
        Buffer.from(`${JSON.stringify(header)}\n`),
        body,
      ]);
      return Buffer.concat([content, createHash('sha256').update(content).digest()]);
    };
  }

  const nothing = (): void => {};
  /** The parent of a state is in the third column. */
  const parent = (state: number, to: number) => (words: DataView, states: number) =>
    words.setUint32(4 * (2 * states + state), to, true);

  const forgeries: readonly [
    what: string,
    change: (bytes: Buffer) => Buffer,
    argv: string[],
    says: RegExp,
  ][] = [
    [
      'forged: more states',
      forged((header) => Object.assign(header, { states: 1_000_000 })),
      HOLDS,
      /its length is not that/,
    ],
    [
      'forged: no number',
      forged(({ search }) => Object.assign(search, { depth: -1 })),
      HOLDS,
      /search\.depth: /,
    ],
    [
      'forged: open states',
      forged(({ search }) => Object.assign(search, { frontier: 1e9 })),
      HOLDS,
      /open states/,
    ],
    ['forged: a name', forged(({ done }) => done.scopes.push({})), HOLDS, /done\.scopes\.0\./],
    ['forged: a way in a circle', forged(nothing, parent(5, 5)), HOLDS, /state 5 comes before its parent/],
    ['forged: a way to nowhere', forged(nothing, parent(0, 7)), HOLDS, /the first state has a parent/],
    [
      'forged: a violation',
      forged(({ done }) => done.traces.push(['nesting-on-one-psmmu', 'attach-slice:2,2,3', ['{}']])),
      HOLDS,
      /expected a checkpoint that nestcheck wrote: /,
    ],
  ];

  it.each([...damage, ...forgeries])(
    'that is %s is refused in one line, and left as it is',
    async (name, change, argv, says) => {
      const good = join(folder, 'good');
      if (!existsSync(good)) await nestcheck([...HOLDS, '--checkpoint', good]);
      const bad = join(folder, name.replaceAll(' ', '-'));
      const bytes = change(await readFile(good));
      await writeFile(bad, bytes);
      const { code, stdout, stderr } = await nestcheck([...argv, '--checkpoint', bad]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.startsWith(`nestcheck: ${bad}: `)).toBe(true);
      expect(stderr).toMatch(says);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(await readFile(bad)).toEqual(bytes);
    },
  );
});
