import { hexOf } from '../../conformance/emulated/hex-of.ts';
import { type Seen, stepLine } from '../../conformance/emulated/lines.ts';
import { startLine } from '../../conformance/emulated/start.ts';
import type { QtestEnd } from '../../lab/qtest/process.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Ran } from '../target.ts';
import { foundAt } from './planned.ts';
import type { PlannedStep } from './planned-step.ts';

/** What came of a run: answers to the operations of its steps, in order, and what devices have in their buffers at its end. */
export class Answers {
  readonly all: (string | null)[] = [];
  end: QtestEnd = 'ok';
  /** By device; none where it did not come to that. */
  readonly buffers = new Map<number, readonly number[]>();

  take(answers: readonly (string | null)[], end: QtestEnd): void {
    this.all.push(...answers);
    this.end = end;
  }

  /** Whether a device may have written where nobody looked: what it wrote is not where it should be. */
  isAstray(planned: readonly PlannedStep[]): boolean {
    let first = 0;
    for (const { operations, dma } of planned) {
      const own = this.all.slice(first, first + operations.length);
      if (dma?.expected === true && foundAt(own, dma).length === 0) return true;
      first += operations.length;
    }
    return false;
  }
}

/** A run as a recording has it: its machine, and what was seen behind each step, as far as it came. */
export function linesOf(
  platform: Platform,
  planned: readonly PlannedStep[],
  { all, end, buffers }: Answers,
): Ran {
  const lines: Ran['lines'][number][] = [startLine(platform)];
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

function seenBy(step: PlannedStep, answers: readonly (string | null)[], buffers: Answers['buffers']): Seen {
  const seen = step.seen(answers);
  const { dma } = step;
  if (dma === null) return seen;
  if (dma.write) {
    const [landed] = foundAt(answers, dma);
    return { ...seen, landed: landed === undefined ? 'nowhere' : hexOf(landed) };
  }
  const value = buffers.get(dma.device)?.[dma.word];
  return { ...seen, ...(value === undefined ? {} : { value: hexOf(value) }) };
}

export function registerOf(answer: string | null | undefined): string {
  return hexOf(Number(answer ?? '0x0') >>> 0);
}
