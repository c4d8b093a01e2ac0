import type { Words } from '../../../../model/world/command.ts';
import { resolveDesign } from '../../../../overrides/index.ts';
import type { Scope } from '../../../../workload/scopes/scope.ts';
import { Lab } from '../lab.ts';

/** The intended VMM, and those that were run or read. */
export const DESIGNS = ['intended', 'qemu-11', 'openvmm-2026-08', 'cloud-hypervisor-2026-09'] as const;

export type VmmDesign = (typeof DESIGNS)[number];

/** What each of them does; the intended one is what the architecture says. */
export type Expected<T> = { readonly intended: T } & Partial<Readonly<Record<VmmDesign, T>>>;

/** A design for which nothing else is said does as intended. */
export function expectedOf<T>(expected: Expected<T>, design: VmmDesign): T {
  return expected[design] ?? expected.intended;
}

export function labOf(design: VmmDesign, scope?: Scope): Lab {
  const resolved = resolveDesign([`vmm=${design}`]);
  if ('error' in resolved) throw new Error(resolved.error);
  return new Lab(scope, resolved.overrides);
}

/** A machine that runs, with dev0 behind its first vSMMU, and dev1 behind the second one if it has two. */
export function running(design: VmmDesign, scope?: Scope): Lab {
  const lab = labOf(design, scope);
  lab.do('plug', { device: 'dev0' });
  if ((lab.world.vms[0]?.vsmmus.length ?? 0) > 1) lab.do('plug', { device: 'dev1', vsmmu: 1 });
  lab.do('boot');
  return lab;
}

/** The words that the kernel was given with the last step's nested HWPTs; none: none was made. */
export function givenSte(lab: Lab): Words | null {
  for (const effect of lab.effects) {
    if (effect.kind !== 'vmmCall' || effect.command.command !== 'hwptAlloc') continue;
    const { data } = effect.command.args as { readonly data?: Words | null };
    if (data !== null && data !== undefined && data.length > 0) return data;
  }
  return null;
}
