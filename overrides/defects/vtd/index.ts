import type { Override } from '../../../model/rules.ts';
import { listed } from '../../table.ts';
import { VTD_FLUSH_DEFECTS } from './flushes.ts';
import { MORE } from './more.ts';

/** Real bugs of Linux's driver of VT-d units, fixed upstream. */
export const VTD_DEFECTS: readonly Override[] = [...listed(MORE), ...VTD_FLUSH_DEFECTS];
