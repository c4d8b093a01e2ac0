import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { SWITCHABLE } from '../../checker/select/axes.ts';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { groundOf } from '../session/choice.ts';
import { begin } from '../session/session.ts';
import { ownRun, shownFile } from '../session/shown.ts';
import { show, trying } from './store.ts';

/** Where a run of one's own begins: a scope, a design on each axis, a defect; or steps that somebody wrote. */
export function NewRunPage(): JSX.Element {
  return (
    <div class="page new-run">
      <h1>A run of your own</h1>
      <Chosen />
      <h2>Or steps that are there already</h2>
      <Pasted />
    </div>
  );
}

function Chosen(): JSX.Element {
  const scope = useSignal('one-smmu');
  const designs = useSignal<Readonly<Record<string, string>>>({});
  const defect = useSignal('');
  const summary = SCOPES.find(({ name }) => name === scope.value)?.summary;
  const what = SWITCHABLE.find(({ name }) => name === defect.value)?.summary;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        trying(() => {
          const chosen = Object.entries(designs.value).map(([axis, value]) => `${axis}=${value}`);
          const defects = defect.value.trim() === '' ? [] : [defect.value.trim()];
          show(ownRun(begin(groundOf({ scope: scope.value, designs: chosen, defects }))));
        });
      }}
    >
      <label>
        Scope
        <select
          value={scope.value}
          onChange={(event) => {
            scope.value = event.currentTarget.value;
          }}
        >
          {SCOPES.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <span class="faint">{summary}</span>
      </label>
      {DESIGN_AXES.map(({ name, summary: axis, values }) => {
        const chosen = designs.value[name] ?? values[0]?.name ?? '';
        return (
          <label key={name}>
            {name}: {axis}
            <select
              value={chosen}
              onChange={(event) => {
                designs.value = { ...designs.value, [name]: event.currentTarget.value };
              }}
            >
              {values.map((value) => (
                <option key={value.name} value={value.name}>
                  {value.name}
                </option>
              ))}
            </select>
            <span class="faint">{values.find((value) => value.name === chosen)?.summary}</span>
          </label>
        );
      })}
      <label>
        Defect, none where it is empty
        <input
          list="defects"
          value={defect.value}
          spellcheck={false}
          onInput={(event) => {
            defect.value = event.currentTarget.value;
          }}
        />
        <span class="faint">{what}</span>
      </label>
      <datalist id="defects">
        {SWITCHABLE.map(({ name, summary: text }) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </datalist>
      <button type="submit" class="primary">
        Begin
      </button>
    </form>
  );
}

function Pasted(): JSX.Element {
  const text = useSignal('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        trying(() => show(shownFile('the text', text.value)));
      }}
    >
      <label>
        Steps by hand, what nestcheck replay prints, or a trace
        <textarea
          rows={8}
          spellcheck={false}
          value={text.value}
          placeholder={'scope one-smmu, kernel=linux-7.2\nvmm:vm0 openIommufd as iommufd0'}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" disabled={text.value.trim() === ''}>
        Open
      </button>
    </form>
  );
}
