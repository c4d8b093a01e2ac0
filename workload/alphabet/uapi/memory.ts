import { IOAS_MAP, OPTION, OPTION_OP, ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import { commandTable } from '../commands.ts';
import type { Family } from './family.ts';

const PAGE = 0x1000n;
const READ_WRITE = IOAS_MAP.READABLE | IOAS_MAP.WRITEABLE;

/** Two IOVAs that are nobody's edge, and the start of the MSI window: a mapping there and an attachment exclude each other. */
const IOVAS = [0x4000n, 0x800_0000n] as const;

/** Mapping one page at a few places, or where the kernel finds room; taking it away; what is free. */
export const memory: Family = ({ scope, of }) => {
  const userVa = scope.platform.userMemory[0]?.start ?? 0n;
  const map = commandTable((process, fd, ioasId, at) =>
    of(process, 'ioasMap', {
      fd,
      ioasId,
      flags: READ_WRITE | IOAS_MAP.FIXED_IOVA,
      userVa,
      length: PAGE,
      iova: IOVAS[at] ?? 0n,
    }),
  );
  const unmap = commandTable((process, fd, ioasId, at) =>
    of(process, 'ioasUnmap', { fd, ioasId, length: PAGE, iova: IOVAS[at] ?? 0n }),
  );
  const unmapAll = commandTable((process, fd, ioasId) =>
    of(process, 'ioasUnmap', { fd, ioasId, length: ULONG_MAX }),
  );
  return ({ process, contexts }, tried) => {
    for (const { fd, ioases } of contexts) {
      for (const ioas of ioases) {
        for (let at = 0; at < IOVAS.length; at++) {
          tried.push(map(process, fd, ioas, at));
          tried.push(unmap(process, fd, ioas, at));
        }
        tried.push(unmapAll(process, fd, ioas));
      }
    }
  };
};

/** Ranges to fill up: clear of the MSI window, and in it. */
const ALLOWED = [
  [0x4000n, 0x1_ffffn],
  [0x800_0000n, 0x800_0fffn],
] as const;

/** Allowed ranges, and huge pages off and on. */
export const ioasOptions: Family = ({ of }) => {
  const allow = commandTable((process, fd, ioasId, which) =>
    of(process, 'ioasAllowIovas', { fd, ioasId, numIovas: 1, data: ALLOWED[which] ?? null }),
  );
  const allowAll = commandTable((process, fd, ioasId) => of(process, 'ioasAllowIovas', { fd, ioasId }));
  const hugePages = commandTable((process, fd, objectId, on) =>
    of(process, 'option', {
      fd,
      optionId: OPTION.HUGE_PAGES,
      op: OPTION_OP.SET,
      objectId,
      val64: BigInt(on),
    }),
  );
  return ({ process, contexts }, tried) => {
    for (const { fd, ioases } of contexts) {
      for (const ioas of ioases) {
        for (let which = 0; which < ALLOWED.length; which++) tried.push(allow(process, fd, ioas, which));
        tried.push(allowAll(process, fd, ioas));
        tried.push(hugePages(process, fd, ioas, 0));
        tried.push(hugePages(process, fd, ioas, 1));
      }
    }
  };
};
