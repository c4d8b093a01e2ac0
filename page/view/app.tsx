import type { JSX } from 'preact';
import { DecisionPage } from './decision.tsx';
import { GalleryPage } from './gallery.tsx';
import { Messages } from './messages.tsx';
import { NewRunPage } from './new-run.tsx';
import { RunPage } from './run.tsx';
import { address, openFile, shown } from './store.ts';
import { VmmPage } from './vmm.tsx';

/** The page. */
export function App(): JSX.Element {
  return (
    <>
      <header class="top">
        <a class="brand" href="#/">
          nestcheck <span>explorer</span>
        </a>
        <nav aria-label="Pages">
          <a href="#/">Gallery</a>
          <a href="#/new">New run</a>
          <label class="file">
            Open a file
            <input
              type="file"
              aria-label="Open a trace, or a file of steps"
              onChange={(event) => {
                const input = event.currentTarget;
                const file = input.files?.[0];
                if (file !== undefined) void openFile(file);
                input.value = '';
              }}
            />
          </label>
        </nav>
      </header>
      <Messages />
      <main>
        <Page />
      </main>
      <p class="drop" aria-hidden="true">
        Drop a trace, or a file of steps
      </p>
    </>
  );
}

function Page(): JSX.Element {
  const now = address.value;
  switch (now.kind) {
    case 'gallery':
      return <GalleryPage search={now.search} />;
    case 'decision':
      return <DecisionPage id={now.id} />;
    case 'vmm':
      return <VmmPage design={now.design} />;
    case 'new':
      return <NewRunPage />;
    case 'trace':
    case 'run':
      return shown.value === null ? <GalleryPage search="" /> : <RunPage shown={shown.value} />;
  }
}
