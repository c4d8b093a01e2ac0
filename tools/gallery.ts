import { type Evidence, galleryOf } from '../checker/pages/gallery.ts';
import type { Gallery } from '../checker/pages/gallery-schema.ts';
import { committedCounterexamples } from './committed.ts';
import { isOf } from './evidence.ts';
import { readVerdicts } from './verdicts.ts';
import { VMMS } from './vmm-pages.ts';

/** The gallery of the explorer, from what is committed. */
export async function committedGallery(): Promise<Gallery> {
  const committed = await committedCounterexamples();
  const { topics } = await readVerdicts();
  const evidence: Evidence = ({ name }, design, property) => {
    const verdict = topics.find(({ topic }) => topic === name)?.designs[design]?.[property];
    if (verdict === undefined) return null;
    const shown = committed.find((each) => each.property.id === property && isOf(each, design));
    return { verdict, path: verdict === 'violated' ? (shown?.path ?? null) : null };
  };
  return galleryOf(committed, evidence, VMMS);
}
