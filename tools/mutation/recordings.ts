import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Override } from '../../model/rules.ts';
import { resolveDesign } from '../../overrides/design.ts';
import { pathOfCopy } from './altered.ts';
import type { Replayed } from './plan.ts';

/** The design that gives every recorded answer. */
export const RECORDED = 'kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11,vtd=qemu-11';

export function recordedDesign(): readonly Override[] {
  const design = resolveDesign([RECORDED]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

/**
 * The designs that recordings are replayed under: what was recorded; the same kernel over hardware as it is specified, which may do
 * what caches permit; and what is intended everywhere, from which the recorded systems depart in ways that are known.
 */
export const REPLAYED_UNDER: readonly string[] = [RECORDED, 'kernel=linux-7.2,vmm=qemu-11', ''];

/** The recordings below a folder, by their paths in it. */
export async function recordingsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.jsonl?(\.gz)?$/.test(name)).sort();
}

/** Where what is replayed lies. */
export function pathOf(root: string, { file, copy }: Pick<Replayed, 'file' | 'copy'>): string {
  return copy === null ? join(root, 'conformance/recordings', file) : pathOfCopy(root, file, copy);
}
