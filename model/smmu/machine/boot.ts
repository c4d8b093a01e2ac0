import type { Platform } from '../../platform/platform.ts';
import { probedDriver } from '../driver/driver.ts';
import type { Machine } from './machine.ts';

/** The machine of a platform on which nothing has happened yet: every stream aborts, no cache holds anything. */
export function bootMachine(platform: Platform): Machine {
  return { driver: probedDriver(platform), memory: platform.vms.map(() => []), stale: [] };
}
