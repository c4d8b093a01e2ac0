import type { Scope } from '../../workload/scopes/scope.ts';
import type { Identity } from './checkpoint.ts';
import type { ExplorePlan } from './explore.ts';
import { digestOfSources } from './sources.ts';

/** What a saved exploration must have in common with one that is to go on with it: all but the time and the workers. */
export function identityOf(plan: ExplorePlan): Identity {
  const { explorations, properties, selection, symmetry, depth, maxStates } = plan;
  const { design, defects } = selection;
  return {
    scopes: explorations.map(({ scope }) => [scope.name, ...changesOf(scope)].join(' ')).join(', '),
    design: Object.entries(design)
      .map(([axis, value]) => `${axis}=${value}`)
      .join(', '),
    defects: defects.join(', ') || 'none',
    properties: properties.map(({ id }) => id).join(', '),
    symmetry: symmetry ? 'on' : 'off',
    depth: String(depth ?? 'any'),
    'maximum of states': String(maxStates ?? 'any'),
    sources: digestOfSources(selection),
  };
}

function changesOf({ changes }: Scope): readonly string[] {
  return changes === undefined ? [] : [JSON.stringify(changes)];
}
