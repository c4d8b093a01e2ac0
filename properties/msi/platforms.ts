import type { Platform } from '../../model/platform/platform.ts';
import { hasFreeProcess, hasSmmu } from '../platforms.ts';

/** Machines whose guests have vectors, under an SMMU whose translations are followed. */
export function followsInterrupts({ caches = false, vmHardware = [] }: Platform): boolean {
  return caches && vmHardware.some(({ vits }) => vits !== undefined);
}

/** One of them has a virtual ITS. */
export function hasVits(platform: Platform): boolean {
  return followsInterrupts(platform) && (platform.vmHardware ?? []).some(({ vits }) => vits != null);
}

/** One of them has none. */
export function lacksVits(platform: Platform): boolean {
  return followsInterrupts(platform) && (platform.vmHardware ?? []).some(({ vits }) => vits === null);
}

/** A physical ITS has more doorbell pages than a virtual one. */
export function hasSmallVits(platform: Platform): boolean {
  const most = Math.max(...platform.its.map(({ doorbellPages = 1 }) => doorbellPages));
  return (
    hasVits(platform) && (platform.vmHardware ?? []).some(({ vits }) => vits != null && vits.pages < most)
  );
}

export function hasSeveralItses({ its }: Platform): boolean {
  return its.length > 1;
}

export function hasUntranslatedIts(platform: Platform): boolean {
  return followsInterrupts(platform) && platform.its.some(({ untranslated }) => untranslated === true);
}

/** Somebody has vectors: processes that do as they please, or guests whose vectors are followed. */
export function hasVectorUsers(platform: Platform): boolean {
  return hasFreeProcess(platform) || followsInterrupts(platform);
}

/** The same, under an SMMUv3, which translates MSIs. */
export function hasTranslatedVectors(platform: Platform): boolean {
  return hasVectorUsers(platform) && hasSmmu(platform);
}
