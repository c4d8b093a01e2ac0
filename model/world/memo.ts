/** How many results a memo keeps: far more than one scope's own, and a few megabytes at most. */
const MOST = 20_000;

/** Keeps a result and gives it back. A full memo is emptied first: what generators draw has no end, a heap has. */
export function remember<K, V>(memo: Map<K, V>, key: K, value: V): V {
  if (memo.size >= MOST) memo.clear();
  memo.set(key, value);
  return value;
}
