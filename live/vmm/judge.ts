import { InputError } from '../../conformance/input-error.ts';
import type { Observed } from '../../conformance/linux/observed.ts';
import type { Parting } from '../../conformance/vmm/follower.ts';
import type { Line } from '../../conformance/vmm/lines.ts';
import { followVmm } from '../../conformance/vmm/replay.ts';
import type { Override } from '../../model/rules.ts';
import type { World } from '../../model/world/world.ts';
import type { StateProperty } from '../../properties/property.ts';
import { ERRNO } from '../../spec/errno.ts';
import type { Outcome } from '../compare.ts';
import type { Judged, Sight } from '../judge.ts';
import type { Described, Ran } from '../target.ts';

/** What a run of a VMM shows: where it parts from the model, and which promises the worlds that it led to break. */
export function judgeVmm(
  { meta, setups }: Pick<Described, 'meta' | 'setups'>,
  ran: Ran,
  design: readonly Override[],
  promises: readonly StateProperty[],
): Judged {
  const before: readonly Line[] = [meta, ...setups];
  const lines = [...before, ...(ran.lines as readonly Line[])];
  // What is missing behind the last line is missed by the last step.
  const stepOf = (line: number): number =>
    ran.steps[Math.min(line - before.length, ran.steps.length - 1)] ?? -1;
  const outcomes = ran.lines.flatMap((line, at): Outcome[] => {
    const what = outcomeOf(line as Line);
    return what === null ? [] : [{ what, step: ran.steps[at] ?? -1 }];
  });
  if (ran.lines.length === 0) return { sights: endings(ran), checked: 0, outcomes };
  const broken = new Map<string, Sight>();
  let last: World | null = null;
  const look = ({ world }: { readonly world: World }, line: number): void => {
    if (world === last) return;
    last = world;
    for (const { id, violated } of promises) {
      const violation = broken.has(id) ? null : violated(world);
      if (violation === null) continue;
      broken.set(id, {
        ...{ is: 'promise', kind: `promise ${id}`, name: id, command: '', real: violation, model: '' },
        steps: stepOf(line) + 1,
      });
    }
  };
  try {
    const numbers = lines.map((_, at) => at);
    const { follower, partings } = followVmm({ path: 'live', lines, numbers }, design, look);
    const first = partings.findIndex(({ deviation }) => deviation === null);
    const until = partings.slice(0, first < 0 ? undefined : first + 1);
    const sights = until.map((parting) => sightOf(parting, stepOf(parting.line) + 1));
    return { sights: [...sights, ...broken.values(), ...endings(ran)], checked: follower.checked, outcomes };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const sight: Sight = {
      ...{ is: 'difference', kind: `unreadable ${error.message}`, name: null, command: 'the recording' },
      ...{ real: error.message, model: 'one that can be replayed', steps: (ran.steps.at(-1) ?? -1) + 1 },
    };
    return { sights: [sight], checked: 0, outcomes };
  }
}

function sightOf({ event, expected, model, deviation }: Parting, steps: number): Sight {
  const [real, own] = [inWords(expected, model), inWords(model, expected)];
  return {
    is: deviation === null ? 'difference' : 'deviation',
    kind: deviation === null ? `${event}: ${real} / ${own}` : `deviation ${deviation}`,
    name: deviation,
    command: event,
    real,
    model: deviation === null ? own : '',
    steps,
  };
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, value]) => [value, name]),
);

/** What is other than in what it is compared with. Bytes and numbers of objects differ from run to run: of those only that they do. */
function inWords(observed: Observed, other: Observed): string {
  const parts = Object.keys(observed).flatMap((key) => {
    const value = observed[key];
    if (value === other[key]) return [];
    if (key === 'errno')
      return [ERRNO_NAMES.get(Number(value)) ?? (Number(value) === 0 ? 'ok' : `errno ${value}`)];
    if (['call', 'answer', 'val'].includes(key)) return [`${value}`];
    if (key === 'where') return [String(value).startsWith('0x') ? 'elsewhere' : `${value}`];
    return [`other ${key}`];
  });
  return parts.length === 0 ? 'the same' : parts.join(', ');
}

function endings({ end, steps, said = '' }: Ran): readonly Sight[] {
  if (end === 'ok') return [];
  const real = said === '' ? end : said.split('\n').slice(-3).join(' | ');
  const at = (steps.at(-1) ?? -1) + 1;
  return [{ is: 'hang', kind: `VMM ${end}`, name: null, command: '', real, model: 'ok', steps: at }];
}

/** VFIO's calls that are a vSMMU's business; all of iommufd are. */
const COUNTED_VFIO: ReadonlySet<number> = new Set([0x76, 0x77, 0x78]);
const FIRST_IOMMUFD_NR = 0x80;

/** What a line shows to have been reached; null: nothing. */
function outcomeOf(line: Line): string | null {
  switch (line.ev) {
    case 'ioctl': {
      const nr = Number(line.nr);
      if (nr < FIRST_IOMMUFD_NR && !COUNTED_VFIO.has(nr)) return null;
      return `${line.name} ${line.errno === 0 ? 'ok' : (ERRNO_NAMES.get(line.errno) ?? line.errno)}`;
    }
    case 'landed':
      return `DMA ${line.where.startsWith('0x') ? 'elsewhere' : line.where}`;
    case 'guest-write':
      return `guest-write ${line.reg}`;
    case 'guest-event':
      return 'guest-event ok';
    case 'qmp':
      return `operator ${line.cmd.execute}`;
    case 'qmp-reply':
      return `reply ${line.r.some((each) => 'error' in each) ? 'error' : 'ok'}`;
    default:
      return null;
  }
}
