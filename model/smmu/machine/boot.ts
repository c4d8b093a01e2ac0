import type { Platform } from '../../platform/platform.ts';
import { probedDriver } from '../driver/driver.ts';
import type { EventQueue, Machine } from './machine.ts';

/** An event queue that the driver's thread has read. */
export const EMPTY_EVENT_QUEUE: EventQueue = Object.freeze({
  delayed: false,
  records: Object.freeze([]),
  overflowed: false,
});

/**
 * The machine of a platform whose driver has probed: SMMUEN is set, every stream aborts, no cache holds anything. GBPA
 * has its reset value, with which traffic bypasses an SMMU that is not enabled.
 */
export function bootMachine(platform: Platform): Machine {
  return {
    driver: probedDriver(platform),
    memory: platform.vms.map(() => []),
    stale: [],
    registers: platform.iommus.map(() => ({ enabled: true, aborts: false })),
    eventQueues: platform.iommus.map(() => EMPTY_EVENT_QUEUE),
    interrupts: false,
    work: null,
  };
}
