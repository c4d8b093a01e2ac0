import type { Override } from '../../../model/rules.ts';

/** The interrupt layer lets a process map an ITS's doorbells, and IOAS_MAP takes that mapping as it takes memory. */
export const itsMmap: Override = {
  name: 'its-mmap',
  kind: 'design',
  summary: 'user space maps the doorbells of an ITS, and an ordinary IOAS_MAP puts them into stage 2',
  source:
    'seed 004, Robin Murphy: "the IRQ layer exposes its own thing for userspace to mmap the ITS, then it can call a literal IOAS_MAP"',
  rules: { msi: { doorbellPlace: 'its-file', messageHasGuestAddress: true } },
};
