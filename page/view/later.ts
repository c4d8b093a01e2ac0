/*
 * What is not part of a step is done when it is wanted and nobody waits: when it is seen, a little at a time.
 */

/** Gives up what was begun. */
type Stop = () => void;

/** Milliseconds without a step before anything else is begun. */
const REST = 150;

/** Milliseconds of work after which others have their turn. */
const PIECE = 6;

/** Begins when there has been no step for a moment. */
export function whenRested(begin: () => Stop): Stop {
  let stop: Stop = () => {};
  const waiting = setTimeout(() => {
    stop = begin();
  }, REST);
  return () => {
    clearTimeout(waiting);
    stop();
  };
}

/** Begins when an element is to be seen, and has been there for a moment. */
export function whenSeen(element: Element, begin: () => Stop): Stop {
  let stop: Stop = () => {};
  const seen = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      stop = whenRested(begin);
    },
    { rootMargin: '200px' },
  );
  seen.observe(element);
  return () => {
    seen.disconnect();
    stop();
  };
}

/** Makes something step by step; `made` is told what it is at last. */
export function inPieces<T>(steps: Iterator<T>, made: (value: T) => void): Stop {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let last: { readonly value: T } | null = null;
  const go = (): void => {
    const until = performance.now() + PIECE;
    while (performance.now() < until) {
      const next = steps.next();
      if (next.done === true) {
        if (last !== null) made(last.value);
        return;
      }
      last = { value: next.value };
    }
    waiting = setTimeout(go);
  };
  go();
  return () => clearTimeout(waiting);
}
