import { goToDepth, pathOf, redo, undo } from '../session/session.ts';
import { update } from './store.ts';

/** Arrows step, Home and End go to the start and the end; where something is written, keys write. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || writes(event.target)) return;
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    update((shown) => ({ ...shown, session: move(shown.session) }));
  });
}

const MOVES: Readonly<Record<string, typeof undo>> = {
  ArrowRight: redo,
  ArrowLeft: undo,
  Home: (session) => goToDepth(session, 0),
  End: (session) => goToDepth(session, pathOf(session).length - 1),
};

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, select, textarea, [contenteditable]');
}
