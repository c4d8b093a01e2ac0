import { type Design, resolveDesign } from '../../overrides/index.ts';

/** The overrides of a design, as a command line names it. @throws Error where there is none of that name. */
export function design(selector: string): Design['overrides'] {
  const resolved = resolveDesign([selector]);
  if ('error' in resolved) throw new Error(resolved.error);
  return resolved.overrides;
}
