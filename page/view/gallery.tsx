import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ENTRY_GROUPS, type Entry, type EntryGroup, found } from '../gallery/search.ts';
import { addressText } from '../link/address.ts';
import { gallery, index } from './store.ts';

/** Everything that there is to look at, and a search in it. */
export function GalleryPage({ search }: { readonly search: string }): JSX.Element {
  const said = useSignal(search);
  const only = useSignal<EntryGroup | null>(null);
  const entries = found(index, said.value);
  const groups = ENTRY_GROUPS.map((group) => ({
    group,
    members: entries.filter((entry) => entry.group === group),
  }));
  return (
    <div class="gallery">
      <h1>Arguments about nested IOMMU translation, to walk through</h1>
      <p class="lead">
        Each trace is a shortest sequence of commands that breaks something which was promised. Open one, step
        through it, leave it where you like and try your own: the model runs in this page.
      </p>
      <label class="search">
        Search {gallery.traces.length} counterexamples, {gallery.decisions.length} decisions and{' '}
        {gallery.vmms.length} VMMs
        <input
          type="search"
          value={said.value}
          placeholder="vmid, doorbell, qemu, vsmmu=inherit, hwptAlloc …"
          onInput={(event) => {
            said.value = event.currentTarget.value;
            const address = addressText({ kind: 'gallery', search: said.value });
            history.replaceState(null, '', address);
          }}
        />
      </label>
      <p class="groups">
        {groups.map(({ group, members }) => (
          <button
            key={group}
            type="button"
            aria-pressed={only.value === group}
            disabled={members.length === 0}
            onClick={() => {
              only.value = only.value === group ? null : group;
            }}
          >
            {group} <span class="count">{members.length}</span>
          </button>
        ))}
      </p>
      <p class="count" role="status">
        {entries.length === 0 ? 'Nothing has all of these words.' : ''}
      </p>
      {groups
        .filter(({ group }) => only.value === null || only.value === group)
        .map(({ group, members }) => (
          <Group key={group} group={group} entries={members} />
        ))}
    </div>
  );
}

function Group({
  group,
  entries,
}: {
  readonly group: Entry['group'];
  readonly entries: readonly Entry[];
}): JSX.Element | null {
  if (entries.length === 0) return null;
  return (
    <section>
      <h2>
        {group} <span class="count">{entries.length}</span>
      </h2>
      <ul class="entries">
        {entries.map((entry) => (
          <li key={addressText(entry.address)}>
            <a href={addressText(entry.address)}>
              <span class="title">{entry.title}</span>
              <span class="text">{entry.text}</span>
              <span class="note">
                <span class={`kind ${entry.kind.replaceAll(/\W+/g, '-')}`}>{entry.kind}</span> {entry.note}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
