/**
 * Numbers for pieces of state: two have the same number exactly where they are equal (`sameState`). What worlds share
 * is looked at once; nothing is hashed, so nothing collides.
 */
export class Fingerprints {
  readonly #known = new WeakMap<object, number>();
  readonly #numbers = new Map<string, number>();

  of(value: object): number {
    let number = this.#known.get(value);
    if (number === undefined) {
      const text = this.#shallow(value);
      number = this.#numbers.get(text) ?? this.#numbers.size;
      this.#numbers.set(text, number);
      this.#known.set(value, number);
    }
    return number;
  }

  /** The value with the numbers of its parts in their place. */
  #shallow(value: object): string {
    if (Array.isArray(value)) return `[${value.map((part) => this.#part(part)).join()}]`;
    const record = value as Readonly<Record<string, unknown>>;
    const names = Object.keys(record).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${this.#part(record[name])}`).join()}}`;
  }

  #part(part: unknown): string {
    if (typeof part === 'object' && part !== null) return `#${this.of(part)}`;
    return typeof part === 'bigint'
      ? `${part}n`
      : typeof part === 'string'
        ? JSON.stringify(part)
        : String(part);
  }
}
