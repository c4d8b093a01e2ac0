import { describe, expect, it } from 'vitest';
import type { Line } from '../../conformance/linux/lines.ts';
import { firstDifference } from '../../live/same-recording.ts';

const HEAD = { seq: 0, section: '' } as const;

/** What an agent says that it did: it opens an iommufd, makes an IOAS and an iommufd more, and closes the first. */
const OWN: readonly Line[] = [
  { ...HEAD, ev: 'open', path: '/dev/iommu', ret: 3, errno: 0 },
  ioctl(3, '0c0000000000000000000000', '0c0000000000000001000000'),
  { ...HEAD, ev: 'open', path: '/dev/null', ret: 4, errno: 0 },
  { ...HEAD, ev: 'close', fd: 3, ret: 0, errno: 0 },
];

function ioctl(fd: number, given: string, out: string): Line {
  const answer = { in: given, out, ret: 0, errno: 0 };
  return { ...HEAD, ev: 'ioctl', fd, name: 'IOMMU_IOAS_ALLOC', nr: '0x81', ...answer, bufs: [] };
}

/** The same as the recorder sees it: by other numbers, and only what is iommufd's. */
const RECORDED: readonly Line[] = [
  { ...HEAD, ev: 'meta' },
  { ...HEAD, ev: 'open', pid: 7, path: '/dev/iommu', ret: 16, errno: 0 },
  { ...ioctl(16, '0c0000000000000000000000', '0c0000000000000001000000'), pid: 7 },
  { ...HEAD, ev: 'close', pid: 7, fd: 16, ret: 0, errno: 0 },
];

describe('what a process says that it did, against what the recorder saw', () => {
  it('is the same whatever the numbers of descriptors are', () => {
    expect(firstDifference(OWN, RECORDED)).toBeNull();
  });

  it.each<[string, readonly Line[], string]>([
    ['a call is missing', RECORDED.filter(({ ev }) => ev !== 'ioctl'), 'call 2: the process says ioctl'],
    [
      'there is one more',
      [...RECORDED, { ...HEAD, ev: 'open', pid: 7, path: '/dev/iommu', ret: 5, errno: 0 }],
      'the recorder saw open',
    ],
    [
      'a byte is another',
      RECORDED.map((line) => (line.ev === 'ioctl' ? { ...line, out: '0c0000000000000002000000' } : line)),
      'call 2: ',
    ],
    [
      'an errno is another',
      RECORDED.map((line) => (line.ev === 'close' ? { ...line, ret: -1, errno: 9 } : line)),
      'errno 9',
    ],
  ])('differs where %s', (_what, recorded, says) => {
    expect(firstDifference(OWN, recorded)).toContain(says);
  });
});
