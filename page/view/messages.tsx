import type { JSX } from 'preact';
import { notice, problem } from './store.ts';

/** What could not be done, and what was, in a line each. */
export function Messages(): JSX.Element {
  return (
    <>
      <div role="alert">
        {problem.value === null ? null : (
          <p class="problem">
            <code>{problem.value}</code>
            <button
              type="button"
              aria-label="Close this message"
              onClick={() => {
                problem.value = null;
              }}
            >
              ×
            </button>
          </p>
        )}
      </div>
      <div role="status">{notice.value === null ? null : <p class="notice">{notice.value}</p>}</div>
    </>
  );
}
