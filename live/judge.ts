import type { World } from '../model/world/world.ts';
import { exitReturnsEverything } from '../properties/iommufd/exit-returns-everything.ts';
import type { StateProperty } from '../properties/property.ts';
import { compareRun, type Held, type Outcome, rulesOf } from './compare.ts';
import type { FindingKind } from './finding.ts';
import { KEEPING_IOCTLS, leftBehind } from './left-behind.ts';
import type { Described, Ran } from './target.ts';

/** Something that one run shows, and after how many of its steps. */
export interface Sight {
  readonly is: FindingKind;
  readonly kind: string;
  readonly name: string | null;
  readonly command: string;
  readonly real: string;
  readonly model: string;
  readonly steps: number;
  /** What the console said meanwhile; absent: it was not asked, or was silent. */
  readonly console?: string;
  /** Of a race: its steps in the order that fits best. */
  readonly order?: readonly number[];
}

export interface Judged {
  readonly sights: readonly Sight[];
  /** Answers compared. */
  readonly checked: number;
  readonly outcomes: readonly Outcome[];
}

/** What a run shows: where it parts from the model, and which promises the world that it led to breaks. */
export function judge(
  described: Described,
  ran: Ran,
  held: Held,
  promises: readonly StateProperty[],
): Judged {
  const broken = new Map<string, Sight>();
  let last: World | null = null;
  const compared = compareRun(described, ran, held, (world, line) => {
    if (world === last) return;
    last = world;
    for (const { id, violated } of promises) {
      const violation = broken.has(id) ? null : violated(world);
      if (violation === null) continue;
      const steps = (ran.steps[line] ?? -1) + 1;
      broken.set(id, {
        is: 'promise',
        kind: `promise ${id}`,
        name: id,
        command: '',
        real: violation,
        model: '',
        steps,
      });
    }
  });
  const partings = compared.partings.map(
    ({ deviation, kind, command, real, model, step, order }): Sight => ({
      is: deviation === null ? 'difference' : 'deviation',
      kind,
      name: deviation,
      command,
      real,
      model,
      steps: step + 1,
      ...(order === undefined ? {} : { order }),
    }),
  );
  const left = keeps(ran) && last !== null ? leftBehind(last, rulesOf(held)) : null;
  const remains: readonly Sight[] =
    left === null
      ? []
      : [
          {
            ...{ is: 'promise', kind: `promise ${exitReturnsEverything.id}`, name: exitReturnsEverything.id },
            ...{ command: '', real: left, model: '', steps: Math.max(-1, ...ran.steps) + 1 },
          },
        ];
  const { checked, outcomes } = compared;
  return { sights: [...partings, ...broken.values(), ...remains, ...hangs(ran)], checked, outcomes };
}

function keeps({ lines }: Ran): boolean {
  return lines.some((line) => line.ev === 'ioctl' && KEEPING_IOCTLS.has(line.name));
}

function hangs({ end, lines, steps }: Ran): readonly Sight[] {
  if (end === 'ok' || end === 'full') return [];
  // What comes after the last answer did not return.
  const at = Math.max(-1, ...steps) + 1;
  const command = lines.length === 0 ? 'the first call' : `what comes after ${lines.at(-1)?.ev}`;
  return [{ is: 'hang', kind: `hang ${end}`, name: null, command, real: end, model: 'ok', steps: at + 1 }];
}
