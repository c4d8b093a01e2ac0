import type { Platform } from '../../platform/platform.ts';
import { bootedVtd } from '../driver/boot.ts';
import type { VtdMachine } from './machine.ts';

/** The machine of a platform on which nothing has happened yet: no device is on a domain, no cache holds anything. */
export function bootVtd(platform: Platform): VtdMachine {
  return { driver: bootedVtd(platform), memory: platform.vms.map(() => []), stale: [] };
}
