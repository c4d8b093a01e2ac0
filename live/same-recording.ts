import { ioctlOf } from '../conformance/linux/ioctl-codec.ts';
import type { Line } from '../conformance/linux/lines.ts';
import { Translator } from '../conformance/recorder/translator.ts';

/** Events that both an agent and the recorder that watches it tell of. */
const BOTH: ReadonlySet<Line['ev']> = new Set(['open', 'ioctl', 'close', 'read']);

/** Files that are none of VFIO's or iommufd's: the recorder does not tell of them. */
const ORDINARY = /^(\/dev\/(null|zero)|eventfd|memfd)$/;

/**
 * The first place at which what a process says that it did is not what the recorder saw it do, in words; null: none. Descriptors
 * are compared as each numbers them from its first on; of the recorder's lines those of processes that call nothing are left out.
 */
export function firstDifference(own: readonly Line[], recorded: readonly Line[]): string | null {
  const translator = new Translator();
  const seen = recorded.flatMap((line) => {
    const told = translator.tell(line);
    return 'skipped' in told
      ? []
      : told.filter(({ isInferred }) => isInferred !== true).map((each) => each.line);
  });
  const [mine, theirs] = [own, seen].map((lines) => lines.flatMap(textOf));
  const most = Math.max(mine?.length ?? 0, theirs?.length ?? 0);
  for (let at = 0; at < most; at++) {
    const [said, saw] = [mine?.[at] ?? 'nothing more', theirs?.[at] ?? 'nothing more'];
    if (said !== saw) return `call ${at + 1}: the process says ${said}; the recorder saw ${saw}`;
  }
  return null;
}

function textOf(line: Line): readonly string[] {
  if (!BOTH.has(line.ev) || (line.ev === 'open' && ORDINARY.test(line.path))) return [];
  switch (line.ev) {
    case 'open':
      return [`open ${line.path} = ${line.ret} errno ${line.errno}`];
    case 'close':
      return [`close ${line.fd} = ${line.ret} errno ${line.errno}`];
    case 'read':
      return [`read ${line.fd} = ${line.ret} errno ${line.errno} ${line.hex ?? ''}`];
    case 'ioctl': {
      const [given, out] = [withoutPointers(line, line.in), withoutPointers(line, line.out)];
      const shown = (line.bufs ?? []).filter((each) => (each.out ?? each.in) !== '');
      const buffers = shown.map((each) => ` ${each.off}:${bytes(each.out ?? each.in)}`).join('');
      return [
        `ioctl ${line.fd} ${Number(line.nr)} ${given} = ${line.ret} errno ${line.errno} ${out}${buffers}`,
      ];
    }
    default:
      return [];
  }
}

const POINTER_BYTES = 8;
const FIRST_IOMMUFD_NR = 0x80;

/** Where memory lies is told by neither in full. */
function withoutPointers({ nr }: Line & { ev: 'ioctl' }, hex: string): string {
  const table = ioctlOf(nr, Number(nr) < FIRST_IOMMUFD_NR ? 'device' : 'iommufd');
  let text = hex;
  for (const field of Object.values(table?.fields ?? {}))
    if ('buffer' in field && hex.length >= 2 * (field.offset + POINTER_BYTES))
      text = `${text.slice(0, 2 * field.offset)}${'00'.repeat(POINTER_BYTES)}${text.slice(2 * (field.offset + POINTER_BYTES))}`;
  return text;
}

function bytes(content: string): string {
  return content.startsWith('+') ? '00'.repeat(Number(content.slice(1))) : content;
}
