/**
 * Freezes plain data and all that it holds, once: what is frozen already is not looked into. Typed arrays cannot be
 * frozen and stay as they are. For what is handed to code that is not ours, which then cannot change a world.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}
