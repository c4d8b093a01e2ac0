import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { valueText } from '../../checker/render/changes.ts';
import type { Property } from '../../properties/property.ts';
import { whereOf } from '../delta/leaves.ts';
import { readsOf } from '../delta/reads.ts';
import { placeOf, runTo, type Session, wayTo } from '../session/session.ts';
import { here, leavesShown } from './derived.ts';

/** Every property as a light: violated, meaning something by now, or nothing as yet. */
export function PropertiesPanel({ session }: { readonly session: Session }): JSX.Element {
  const chosen = useSignal<string | null>(null);
  const { said, witnessed } = placeOf(session);
  const { properties } = session.ground;
  const fresh = new Set(witnessed.map(({ id }) => id));
  const lights = [...properties].sort(
    (a, b) => rankOf(said, a, session.asked) - rankOf(said, b, session.asked) || (a.id < b.id ? -1 : 1),
  );
  const open =
    properties.find(({ id }) => id === chosen.value) ??
    properties.find(({ id }) => placeOf(session).violated.some(({ property }) => property.id === id));
  return (
    <section class="panel properties" aria-label="Properties">
      <div class="bar">
        <h2>Properties</h2>
        <span class="count">
          {said.violated.size} violated; of {properties.length}, {said.witnessed.size} have had their witness
        </span>
      </div>
      <ul class="lights">
        {lights.map((property) => (
          <li key={property.id}>
            <button
              type="button"
              class={`light ${lightOf(said, property)}${fresh.has(property.id) ? ' fresh' : ''}`}
              aria-pressed={property === open}
              title={property.sentence}
              onClick={() => {
                chosen.value = chosen.value === property.id ? null : property.id;
              }}
            >
              {property.id}
              <span class="said">: {WORDS[lightOf(said, property)]}</span>
            </button>
          </li>
        ))}
      </ul>
      {open === undefined ? null : <PropertyText session={session} property={open} />}
    </section>
  );
}

type Light = 'violated' | 'witnessed' | 'unseen';

const WORDS: Readonly<Record<Light, string>> = {
  violated: 'violated',
  witnessed: 'holds so far',
  unseen: 'nothing that it speaks of has happened',
};

type Said = ReturnType<typeof placeOf>['said'];

function lightOf(said: Said, { id }: Property): Light {
  return said.violated.has(id) ? 'violated' : said.witnessed.has(id) ? 'witnessed' : 'unseen';
}

function rankOf(said: Said, property: Property, asked: Property | null): number {
  const light = lightOf(said, property);
  if (light === 'violated') return 0;
  if (property === asked) return 1;
  return light === 'witnessed' ? 2 : 3;
}

/** What a property says, from where, and which leaves it reads here. */
function PropertyText({
  session,
  property,
}: {
  readonly session: Session;
  readonly property: Property;
}): JSX.Element {
  const place = placeOf(session);
  const found = wayTo(session, session.at)
    .flatMap(({ violated }) => violated)
    .find((each) => each.property === property);
  const reads = readsOf(property, runTo(session, place));
  const { names } = here(session).told;
  const changed = new Set(leavesShown(session).map(({ path }) => path.join('/')));
  const isChanged = (path: readonly (string | number)[]): boolean =>
    path.some((_, end) => changed.has(path.slice(0, end + 1).join('/')));
  const rows = [...reads].sort((a, b) => Number(isChanged(b.path)) - Number(isChanged(a.path)));
  return (
    <div class="property">
      <p>
        <b>{property.id}</b>: {property.sentence} <span class="faint">({property.source})</span>
      </p>
      {found === undefined ? null : (
        <p class="violation">
          violated at step {found.calls}: {found.violation}
        </p>
      )}
      {reads.length === 0 ? (
        <p class="faint">
          {property.kind === 'pair' || property.kind === 'reachability'
            ? 'It looks at whole runs, not at leaves of one world.'
            : property.kind === 'step'
              ? 'Of this step it reads the command, its answer or its effects, and no leaf of the world.'
              : 'It reads no leaf of this world.'}
        </p>
      ) : (
        <details open>
          <summary>
            Leaves that it reads here <span class="count">{reads.length}</span>
          </summary>
          <table>
            <tbody>
              {rows.slice(0, MOST_ROWS).map(({ path, value }) => (
                <tr key={path.join('/')} class={isChanged(path) ? 'changed' : ''}>
                  <th scope="row">{whereOf(path, names)}</th>
                  <td>{valueText(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > MOST_ROWS ? <p class="faint">… and {rows.length - MOST_ROWS} more</p> : null}
        </details>
      )}
    </div>
  );
}

const MOST_ROWS = 40;
