import { hexOf, type Seen, startLine, stepLine } from '../../conformance/emulated/lines.ts';
import type { QtestEnd } from '../../lab/qtest/process.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Ran } from '../target.ts';
import { markerOf, wordsOf } from './operations.ts';
import type { PlannedStep } from './plan.ts';

/** What came of a run: answers to the operations of its steps, in order, and what devices have in their buffers at its end. */
export class Answers {
  readonly all: (string | null)[] = [];
  end: QtestEnd = 'ok';
  /** By StreamID; none where it did not come to that. */
  readonly buffers = new Map<number, readonly number[]>();

  take(answers: readonly (string | null)[], end: QtestEnd): void {
    this.all.push(...answers);
    this.end = end;
  }

  /** Whether a device may have written where nobody looked: what it wrote is not where it should be. */
  isAstray(planned: readonly PlannedStep[]): boolean {
    let first = 0;
    for (const { operations, dma } of planned) {
      if (dma?.expected === true && foundAt(this.all, first, dma).length === 0) return true;
      first += operations.length;
    }
    return false;
  }
}

function foundAt(
  answers: readonly (string | null)[],
  first: number,
  { looked, word }: NonNullable<PlannedStep['dma']>,
): readonly bigint[] {
  const marker = BigInt(markerOf(word));
  return looked.flatMap(({ address, operation }) =>
    wordsOf(answers[first + operation] ?? null, 4)[0] === marker ? [address] : [],
  );
}

/** A run as a recording has it: its machine, and what was seen behind each step, as far as it came. */
export function linesOf(
  hardware: EmulatedHardware,
  planned: readonly PlannedStep[],
  { all, end, buffers }: Answers,
): Ran {
  const lines: Ran['lines'][number][] = [startLine(hardware)];
  const steps: number[] = [-1];
  let first = 0;
  for (const [at, each] of planned.entries()) {
    const answered = all.slice(first, first + each.operations.length);
    const isLast = at === planned.length - 1;
    // What ends the emulator behind the last step ends it at that.
    const isCut = answered.length < each.operations.length || (isLast && end !== 'ok');
    const seen: Seen = isCut && end !== 'ok' ? { ends: end } : seenBy(each, answered, buffers);
    lines.push({ ...stepLine(each.call, seen), seq: lines.length });
    steps.push(at);
    if (isCut) break;
    first += each.operations.length;
  }
  return { lines, steps, end: 'ok', files: -1 };
}

function seenBy(
  { registers, record, next, dma }: PlannedStep,
  answers: readonly (string | null)[],
  buffers: Answers['buffers'],
): Seen {
  const [GERROR = '', CMDQ_CONS = '', EVENTQ_PROD = ''] = registers.map((at) => registerOf(answers[at]));
  const seen: Seen = { ends: 'no', GERROR, CMDQ_CONS, EVENTQ_PROD };
  if (dma === null || record === null) return seen;
  const isNew = (Number(EVENTQ_PROD) & INDEX) !== next;
  const event = isNew
    ? wordsOf(answers[record] ?? null, 8)
        .map(hexOf)
        .join(' ')
    : 'none';
  if (dma.write) {
    const [landed] = foundAt(answers, 0, dma);
    return { ...seen, event, landed: landed === undefined ? 'nowhere' : hexOf(landed) };
  }
  const value = buffers.get(dma.stream)?.[dma.word];
  return { ...seen, event, ...(value === undefined ? {} : { value: hexOf(value) }) };
}

/** Of EVENTQ_PROD: without the flag of an overflow. */
const INDEX = 0xf_ffff;

function registerOf(answer: string | null | undefined): string {
  return hexOf(Number(answer ?? '0x0') >>> 0);
}
