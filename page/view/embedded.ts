import type { Given } from '../../checker/pages/explorer.ts';
import { type Gallery, gallerySchema } from '../../checker/pages/gallery-schema.ts';

/** What the document was built with. */
export function embeddedGallery(): Gallery {
  return gallerySchema.parse(jsonOf('gallery'));
}

/** What the document was made for; null: nothing. */
export function embeddedGiven(): Given | null {
  const given = jsonOf('given');
  if (typeof given !== 'object' || given === null) return null;
  const { name, text } = given as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && typeof text === 'string' ? { name, text } : null;
}

function jsonOf(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null') as unknown;
}
