import type { Its, PageRange, Platform } from '../../model/platform/platform.ts';
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

/** Devices of the old groups have vectors. */
export function hasGroupVectors({ legacy }: Platform): boolean {
  return legacy?.groups.some(({ msiVectors }) => msiVectors > 0) === true;
}

/** Some of them under an IOMMU that translates MSIs. */
export function hasCookies({ legacy, its }: Platform): boolean {
  return (
    legacy?.groups.some(
      (group) =>
        group.msiVectors > 0 &&
        its[group.its]?.untranslated !== true &&
        (legacy.iommus[group.iommu]?.msiWindow ?? null) !== null,
    ) === true
  );
}

/** Devices of several ITSes can be behind one virtual one: it has room for each of them, and an IOMMU translates their MSIs. */
export function hasItsesBehindOne(platform: Platform): boolean {
  if (!followsInterrupts(platform)) return false;
  const { devices, its: itses, vmHardware = [] } = platform;
  return vmHardware.some(({ vits }) => {
    const fitting = devices.flatMap(({ its: index }) => {
      const its = itses[index];
      return its === undefined || vits == null || !fitsBehind(its, vits) ? [] : [index];
    });
    return new Set(fitting).size > 1;
  });
}

/** Whether a virtual ITS has room for the doorbells of one that needs any. */
export function fitsBehind({ doorbellPages = 1, untranslated = false }: Its, vits: PageRange): boolean {
  return !untranslated && doorbellPages <= vits.pages;
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
