import type {
  Gallery,
  GalleryDecision,
  GalleryTrace,
  GalleryVmm,
} from '../../checker/pages/gallery-schema.ts';
import type { Address } from '../link/address.ts';

/** What the gallery is sorted into, in the order in which it is listed. */
export const ENTRY_GROUPS = [
  'Real systems',
  'Designs',
  'Decisions',
  'VMMs',
  'Fixed bugs',
  'Rules broken on purpose',
] as const;

export type EntryGroup = (typeof ENTRY_GROUPS)[number];

const GROUP_OF: Readonly<Record<string, EntryGroup>> = {
  'a real system': 'Real systems',
  'a design': 'Designs',
  'a fixed bug': 'Fixed bugs',
};

/** An entry of the gallery as it is listed. */
export interface Entry {
  readonly address: Address;
  readonly group: EntryGroup;
  /** What it is: `a fixed bug`. */
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  /** What stands at its side: `4 steps, one-smmu`. */
  readonly note: string;
}

/** Every entry, and the words by which each is found. */
export interface Index {
  readonly entries: readonly Indexed[];
}

interface Indexed {
  readonly entry: Entry;
  readonly title: string;
  readonly words: string;
}

export function indexOf({ traces, decisions, vmms }: Gallery): Index {
  return { entries: [...traces.map(ofTrace), ...decisions.map(ofDecision), ...vmms.map(ofVmm)] };
}

/**
 * The entries in which each word of a search stands, in the order of the gallery, those first in whose title all stand.
 * An empty search finds all.
 */
export function found({ entries }: Index, search: string): readonly Entry[] {
  const wanted = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const has = (text: string): boolean => wanted.every((word) => text.includes(word));
  const all = entries.filter(({ words }) => has(words));
  return [...all.filter(({ title }) => has(title)), ...all.filter(({ title }) => !has(title))].map(
    ({ entry }) => entry,
  );
}

/** The address of a committed trace by its name, `<override>/<property>`. */
export function traceAddress(name: string): Address {
  const [folder = '', property = ''] = name.split('/', 2);
  return { kind: 'trace', folder, property, at: null, beside: null };
}

function indexed(entry: Entry, ...more: readonly string[]): Indexed {
  const title = entry.title.toLowerCase();
  return {
    entry,
    title,
    words: [title, entry.text, entry.kind, entry.note, ...more].join('\n').toLowerCase(),
  };
}

function ofTrace(trace: GalleryTrace): Indexed {
  const { name, kind, summary, property, sentence, steps, scope, guarantee, violation, source, text } = trace;
  const [folder = ''] = name.split('/', 1);
  return indexed(
    {
      address: traceAddress(name),
      group: GROUP_OF[kind] ?? 'Rules broken on purpose',
      kind,
      title: `${folder} breaks ${property}`,
      text: summary,
      note: `${steps} ${steps === 1 ? 'step' : 'steps'}, ${scope}${guarantee === 'shortest' ? ', shortest' : ''}`,
    },
    sentence,
    violation,
    source,
    text,
  );
}

function ofDecision({ id, topic, question, answer, alternatives, quotes, built }: GalleryDecision): Indexed {
  return indexed(
    {
      address: { kind: 'decision', id },
      group: 'Decisions',
      kind: topic,
      title: `${id}: ${question}`,
      text: answer,
      note: '',
    },
    built,
    ...alternatives.map(({ text, design }) => `${text} ${design}`),
    ...quotes.map(({ author, subject, says }) => `${author} ${subject} ${says}`),
  );
}

function ofVmm({ design, title, version, findings }: GalleryVmm): Indexed {
  return indexed(
    {
      address: { kind: 'vmm', design },
      group: 'VMMs',
      kind: 'a real VMM',
      title,
      text: version,
      note: `${findings.length} findings`,
    },
    design,
    ...findings.map(({ name, summary, property }) => `${name} ${summary} ${property}`),
  );
}
