import type { Override } from '../../../model/rules.ts';
import { doorbellCookieUser } from './cookie-user.ts';
import { forwardedGiova } from './forwarded-giova.ts';
import { ioasMapMsi } from './ioas-map-msi.ts';
import { itsMmap } from './its-mmap.ts';
import { singleDoorbell } from './single-doorbell.ts';
import { doorbellsSplitHwpts } from './split-hwpt.ts';

/** Who else could map the doorbell, and where: design by the name it is chosen by. */
export const MSI_DESIGNS = {
  'cookie-user': doorbellCookieUser,
  'ioas-map-msi': ioasMapMsi,
  'split-hwpt': doorbellsSplitHwpts,
  'its-mmap': itsMmap,
  'forwarded-giova': forwardedGiova,
  'single-doorbell': singleDoorbell,
} as const satisfies Readonly<Record<string, Override>>;
