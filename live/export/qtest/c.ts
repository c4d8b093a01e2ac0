import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen } from '../../../conformance/emulated/lines.ts';
import { changedIn } from '../../../conformance/emulated/vtd/observe.ts';
import { labTree } from '../../../lab/places.ts';
import type { GuestWords } from '../../../model/platform/emulated.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import { canBeDone } from '../../emulated/generate.ts';
import type { QtestMachine } from '../../emulated/machine.ts';
import { planSteps } from '../../emulated/planned.ts';
import type { Expectation, PlannedDma, PlannedStep } from '../../emulated/planned-step.ts';
import { stepText } from '../../step.ts';
import { ExportError } from '../answer.ts';
import { comment } from '../comment.ts';
import { machineOf } from './machine-of.ts';
import { callOfLibqtest, storeText } from './operation.ts';
import type { EmulatedRun } from './run.ts';

/** What a program is about. */
export interface QtestTitle {
  /** One line: what it shows. */
  readonly title: string;
  /** Under what its answers are asserted. */
  readonly under: string;
}

/**
 * A C program that does a run on QEMU over qtest and asserts what is seen behind each step: a file of QEMU's tests/qtest with
 * -DIN_QEMU_TREE, one that needs nothing beside it without. @throws ExportError
 */
export function toQtest(run: EmulatedRun, { title, under }: QtestTitle): string {
  const { platform, steps, rules } = run;
  const machine = machineOf(platform);
  if (machine === null)
    throw new ExportError('its memory and its IOMMU are not as on a machine of QEMU', FITS);
  const calls = steps.map(({ call }) => call);
  const strange = calls.findIndex((call) => !machine.moves.isOfMachine(call));
  if (strange >= 0) throw new ExportError(`QEMU's machine has not what step ${strange + 1} is about`, FITS);
  const sequence = calls.map((call) => ({ kind: 'call', call }) as const);
  if (!canBeDone(machine, sequence))
    throw new ExportError('it has too many DMAs, or a reset in pieces', FITS);
  const planned = planSteps(machine, platform, rules, calls);
  const writer = new Writer(machine, platform);
  const body = planned.flatMap((each, at) => writer.step(each, steps[at]?.seen ?? { ends: 'no' }, at + 1));
  return [
    `/* ${comment(title)}`,
    ` * Made by nestcheck; the answers asserted are those of ${comment(under)}.`,
    ' *',
    ' *     cc -o program program.c',
    ` *     QTEST_QEMU_BINARY=${machine.program} ./program`,
    ' *',
    ' * runs it by itself; with -DIN_QEMU_TREE it is a test of tests/qtest in the tree of QEMU.',
    ' */',
    '#ifdef IN_QEMU_TREE',
    '#include "qemu/osdep.h"',
    '#include "libqtest.h"',
    '#else',
    ...part('qtest-alone.h'),
    '#endif',
    '',
    ...part('qtest-steps.h'),
    '',
    ...writer.wake(),
    '',
    'static void test(void)',
    '{',
    ...[...writer.begin(), ...body, ...writer.end()].map(indented),
    '}',
    '',
    'int main(int argc, char **argv)',
    '{',
    '    g_test_init(&argc, &argv, NULL);',
    '    qtest_add_func("/nestcheck/run", test);',
    '    return g_test_run();',
    '}',
    '',
  ].join('\n');
}

/** What can be exported. */
export const FITS =
  'only what a guest and its devices do to an emulated SMMUv3 or VT-d unit of a machine that QEMU makes can';

const PARTS = 'reproducer';

function part(name: string): readonly string[] {
  return readFileSync(join(labTree(), PARTS, name), 'utf8')
    .trimEnd()
    .split('\n');
}

const indented = (line: string): string =>
  line
    .split('\n')
    .map((each) => (each === '' ? '' : `    ${each}`))
    .join('\n');

const hex = (value: bigint | number): string => {
  const text = `0x${value.toString(16)}`;
  return text.length > 10 ? `${text}ULL` : text;
};

/** At most so many words of memory in one store. */
const MOST_WORDS = 64;

class Writer {
  readonly #machine: QtestMachine;
  readonly #platform: Platform;
  /** What devices have read: asserted in the end, when their buffers can be had. */
  readonly #read: {
    readonly step: number;
    readonly device: number;
    readonly word: number;
    readonly value: string;
  }[] = [];
  readonly #devices = new Set<number>();
  /** Nothing is asserted behind the end of the emulator. */
  #isOver = false;

  constructor(machine: QtestMachine, platform: Platform) {
    this.#machine = machine;
    this.#platform = platform;
  }

  wake(): readonly string[] {
    return [
      '/* After a reset: devices do DMA. */',
      'static void wake(QTestState *qts)',
      '{',
      ...this.#machine.wake.map(callOfLibqtest).map(indented),
      ...this.#machine.begin.map(callOfLibqtest).map(indented),
      '}',
    ];
  }

  /** Written last: by then it is known which devices there are. */
  begin(): readonly string[] {
    const { words, stamped, watched, pattern } = this.#machine;
    return [
      `QTestState *qts = qtest_init(${quoted([...words, '-nodefaults'])});`,
      ...(this.#read.length === 0 ? [] : ['uint8_t buffer[EDU_BYTES];']),
      '',
      ...watched.map((at) => `watch(${hex(at)});`),
      `stamp(qts, ${hex(stamped.first)}, ${hex(stamped.end)});`,
      'wake(qts);',
      ...this.#bootWords(),
      ...this.#machine
        .identity(this.#platform)
        .map(
          ({ what, is, address, value }) =>
            `compare("${what}", qtest_${is}(qts, ${hex(address)}), ${hex(value)});`,
        ),
      ...[...this.#devices].map(
        (device) => `edu_fill(qts, ${hex(this.#machine.barOf(device))}, ${hex(pattern)});`,
      ),
    ];
  }

  step(planned: PlannedStep, seen: Seen, number: number): readonly string[] {
    if (this.#isOver) return [];
    const about = ['', `/* ${number}: ${comment(stepText({ kind: 'call', call: planned.call }))} */`];
    if (planned.resets) about.push('qtest_system_reset(qts);', 'wake(qts);');
    const doing = planned.dma === null ? planned.doing.map(callOfLibqtest) : this.#dma(planned, planned.dma);
    if (seen.ends !== 'no') {
      this.#isOver = true;
      return [
        ...about,
        ...doing,
        `/* Here QEMU ${seen.ends === 'died' ? 'ended' : 'did not answer any more'}. */`,
      ];
    }
    const landing = planned.dma === null ? [] : this.#landing(planned.dma, seen, number);
    return [
      ...[...about, ...doing],
      ...planned.expects(seen).map((each) => expectation(each, number)),
      ...[...landing, ...this.#memory(seen, number)],
    ];
  }

  /** What devices have read. */
  end(): readonly string[] {
    if (this.#isOver || this.#read.length === 0) return ['', 'qtest_quit(qts);'];
    const lines: string[] = [
      '',
      '/* What devices have read is in their buffers. */',
      'qtest_system_reset(qts);',
      'wake(qts);',
    ];
    for (const device of new Set(this.#read.map((each) => each.device))) {
      lines.push(
        `edu_empty(qts, ${hex(this.#machine.barOf(device))}, ${hex(this.#machine.scratch)}, buffer);`,
      );
      for (const { step, word, value } of this.#read.filter((each) => each.device === device))
        lines.push(`expect(${step}, "what the device reads", word_of(buffer + 4 * ${word}, 4), ${value});`);
    }
    return [...lines, 'qtest_quit(qts);'];
  }

  #dma({ call }: PlannedStep, { device, word, write }: PlannedDma): readonly string[] {
    this.#devices.add(device);
    const iova = call.args.iova as bigint | undefined;
    return [
      `edu_${write ? 'write' : 'read'}(qts, ${hex(this.#machine.barOf(device))}, ${word}, ${hex(iova ?? 0n)});`,
    ];
  }

  /** What the DMA read or wrote; what it wrote is taken away again. */
  #landing(
    { device, word, write, looked }: PlannedDma,
    { value, landed }: Seen,
    number: number,
  ): readonly string[] {
    if (!write) {
      if (value !== undefined) this.#read.push({ step: number, device, word, value });
      return [];
    }
    if (landed === undefined) return [];
    const places = looked.map(({ address }) => hex(address));
    if (landed === 'nowhere')
      return places.length === 0 ? [] : [`EXPECT_NOWHERE(qts, ${number}, ${word},\n    ${wrapped(places)});`];
    const address = BigInt(landed);
    return [
      `expect_landed(qts, ${number}, ${word}, ${hex(address)});`,
      `qtest_writel(qts, ${hex(address)}, ${hex(looked.find((each) => each.address === address)?.before ?? 0)});`,
    ];
  }

  #memory({ changed }: Seen, number: number): readonly string[] {
    if (changed === undefined || this.#machine.watched.length === 0) return [];
    return [
      ...[...changedIn(changed)].map(
        ([address, word]) => `expect_changed(qts, ${number}, ${hex(address)}, ${hex(word)});`,
      ),
      `expect_rest(qts, ${number});`,
    ];
  }

  /** What is in memory at boot, words that follow each other together. */
  #bootWords(): readonly string[] {
    const { emulated, emulatedVtd } = this.#platform;
    const memory: GuestWords = emulated?.memory ?? emulatedVtd?.memory ?? {};
    const sorted = Object.entries(memory)
      .map(([at, word]) => ({ at: BigInt(`0x${at}`), word }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    const runs: { readonly at: bigint; readonly words: bigint[] }[] = [];
    for (const { at, word } of sorted) {
      const last = runs.at(-1);
      if (
        last !== undefined &&
        last.at + BigInt(8 * last.words.length) === at &&
        last.words.length < MOST_WORDS
      )
        last.words.push(word);
      else runs.push({ at, words: [word] });
    }
    return runs.map(({ at, words }) => storeText(`0x${at.toString(16)}`, words));
  }
}

function expectation({ what, is, address, mask, value }: Expectation, number: number): string {
  const about = `qts, ${number}, "${what}", ${hex(address)}`;
  if (is === 'word') return `expect_word(${about}, ${hex(value)});`;
  const all = is === 'readl' ? 'UINT32_MAX' : 'UINT64_MAX';
  return `expect_${is.slice(-1)}(${about}, ${mask === undefined ? all : hex(mask)}, ${hex(value)});`;
}

const PER_LINE = 6;

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (let first = 0; first < words.length; first += PER_LINE)
    lines.push(words.slice(first, first + PER_LINE).join(', '));
  return lines.join(',\n    ');
}

/** Words of a command line as one string of C, an option a line. */
function quoted(words: readonly string[]): string {
  const options: string[] = [];
  for (const word of words) {
    const last = options.length - 1;
    if (word.startsWith('-') || last < 0) options.push(word);
    else options[last] += ` ${word}`;
  }
  return options.map((option, at) => `\n    "${option}${at === options.length - 1 ? '' : ' '}"`).join('');
}
