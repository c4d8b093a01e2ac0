import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * A full heap ends the process, and no handler is asked. A search that keeps the worlds of a level in it looks in time,
 * and ends while what it has can still be written.
 */

/** The least part of the heap that must stay free, and the least number of bytes: a level's candidates go there. */
const FREE_SHARE = 0.12;
const FREE_BYTES = 24 * 1024 * 1024;

/** Milliseconds between two collections that are asked for. */
const BETWEEN = 2000;

let asked = 0;
let collect: (() => void) | null = null;

/** Whether what is in use, after what is not was thrown away, leaves too little of the heap. */
export function isHeapNearlyFull(now = performance.now()): boolean {
  if (!isTight()) return false;
  // Most of what fills a heap is not in use: only a collection tells.
  if (now - asked < BETWEEN && asked !== 0) return false;
  asked = now;
  collect ??= collector();
  collect();
  return isTight();
}

function isTight(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return limit - used < Math.max(FREE_BYTES, FREE_SHARE * limit);
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** The heap's limit in whole megabytes. */
export function heapMegabytes(): number {
  return Math.round(getHeapStatistics().heap_size_limit / 1024 / 1024);
}
