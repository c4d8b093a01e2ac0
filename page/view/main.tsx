import { render } from 'preact';
import { App } from './app.tsx';
import { listenToKeys } from './keys.ts';
import { openFile, readLocation, start } from './store.ts';

const root = document.getElementById('explorer');
if (root === null) throw new Error('the document has no place for the explorer');
root.replaceChildren();
start();
render(<App />, root);

addEventListener('hashchange', readLocation);
addEventListener('popstate', readLocation);
listenToKeys();

document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dropping');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.body.classList.remove('dropping');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  const file = event.dataTransfer?.files[0];
  if (file !== undefined) void openFile(file);
});
