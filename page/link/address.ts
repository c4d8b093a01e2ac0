import { UsageError } from '../../checker/select/usage-error.ts';

/** What the page shows, as the part of its address behind `#` says. */
export type Address =
  | { readonly kind: 'gallery'; readonly search: string }
  | { readonly kind: 'decision'; readonly id: string }
  | { readonly kind: 'vmm'; readonly design: string }
  | { readonly kind: 'new' }
  | ({ readonly kind: 'trace'; readonly folder: string; readonly property: string } & Position)
  | ({ readonly kind: 'run'; readonly packed: string } & Position);

/** Where in a run, and beside which other design. */
export interface Position {
  /** Calls made; null: all. */
  readonly at: number | null;
  /** `vsmmu=inherit`; null: beside none. */
  readonly beside: string | null;
}

export const GALLERY: Address = { kind: 'gallery', search: '' };

/** The address as a link says it: permanent, for what it says never gets another meaning. */
export function addressText(address: Address): string {
  switch (address.kind) {
    case 'gallery':
      return address.search === '' ? '#/' : `#/?${new URLSearchParams({ search: address.search })}`;
    case 'decision':
      return `#/decision/${encodeURIComponent(address.id)}`;
    case 'vmm':
      return `#/vmm/${encodeURIComponent(address.design)}`;
    case 'new':
      return '#/new';
    case 'trace':
      return `#/trace/${encodeURIComponent(address.folder)}/${encodeURIComponent(address.property)}${positionText(address)}`;
    case 'run':
      return `#/run/${address.packed}${positionText(address)}`;
  }
}

function positionText({ at, beside }: Position): string {
  const said = new URLSearchParams();
  if (at !== null) said.set('at', String(at));
  if (beside !== null) said.set('beside', beside);
  const text = said.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * Reads what stands behind `#`; nothing is the gallery.
 * @throws UsageError where it is no address of this page.
 */
export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').slice(1).map(decoded);
  const said = new URLSearchParams(query);
  const [kind = '', first, second] = parts;
  if (kind === '' && parts.length <= 1) return { kind: 'gallery', search: said.get('search') ?? '' };
  if (kind === 'new' && parts.length === 1) return { kind: 'new' };
  if (kind === 'decision' && first !== undefined && parts.length === 2)
    return { kind: 'decision', id: first };
  if (kind === 'vmm' && first !== undefined && parts.length === 2) return { kind: 'vmm', design: first };
  if (kind === 'run' && first !== undefined && parts.length === 2)
    return { kind: 'run', packed: first, ...positionOf(said) };
  if (kind === 'trace' && first !== undefined && second !== undefined && parts.length === 3)
    return { kind: 'trace', folder: first, property: second, ...positionOf(said) };
  throw new UsageError('the link: expected #/, #/trace/…, #/run/…, #/decision/…, #/vmm/… or #/new');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function positionOf(said: URLSearchParams): Position {
  const at = said.get('at');
  return {
    at: at !== null && /^\d{1,5}$/.test(at) ? Number(at) : null,
    beside: said.get('beside'),
  };
}
