import type { Command, Words } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { ERRNO } from '../../spec/errno.ts';
import { bytesOfHex, hexOfBytes, overwrite } from '../hex.ts';
import { encodeAnswer, recordedAnswer } from './ioctl-codec.ts';
import { recordedLegacy } from './legacy-lines.ts';
import type { Line } from './lines.ts';
import type { Observed } from './observed.ts';

/** What the recording says of the answer. */
export function recorded(line: Line): Observed {
  switch (line.ev) {
    case 'ioctl': {
      const { ret, out, bufs } = recordedAnswer(line);
      return { ret, errno: line.errno, out, bufs: bufs.join(' ') };
    }
    case 'open':
    case 'close':
    case 'dup':
    case 'pass':
    case 'write':
      return { ret: line.ret, errno: line.errno };
    case 'read':
      return { ret: line.ret, errno: line.errno, hex: line.hex ?? '' };
    case 'poll':
      return { ret: line.ret, revents: line.revents };
    case 'load':
      return { hex: line.hex };
    case 'msi':
      return { fired: String(line.fired) };
    case 'legacy':
      return recordedLegacy(line);
    default:
      return {};
  }
}

/** What the model says of the same call. */
export function answered(line: Line, command: Command, result: Result): Observed {
  const errno = result.ok ? 0 : ERRNO[result.errno];
  const { out } = result;
  switch (line.ev) {
    case 'ioctl': {
      const answer = encodeAnswer(line, command, result);
      return { ret: answer.ret, errno, out: answer.out, bufs: answer.bufs.join(' ') };
    }
    case 'open':
    case 'dup':
    case 'pass':
      return { ret: result.ok ? Number(out.fd) : -1, errno };
    case 'close':
      return { ret: result.ok ? 0 : -1, errno };
    case 'write':
      return { ret: result.ok ? Number(out.count) : -1, errno };
    case 'read':
      return { ret: result.ok ? Number(out.count) : -1, errno, hex: readHex(out.count, out.data) };
    case 'poll':
      return { ret: out.revents === 0 ? 0 : 1, revents: `0x${Number(out.revents).toString(16)}` };
    default:
      return {};
  }
}

function readHex(count: unknown, data: unknown): string {
  const bytes = bytesOfHex('00'.repeat(Number(count ?? 0)));
  overwrite(bytes, (data ?? []) as Words);
  return hexOfBytes(bytes);
}

export function agree(a: Observed, b: Observed): boolean {
  return Object.keys(a).every((key) => a[key] === b[key]);
}
