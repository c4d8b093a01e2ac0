/** The literals of a type such as `'new' | 'old'`; null: it is something else. */
export function literalsOf(type: string): readonly unknown[] | null {
  const parts = type.split(' | ');
  if (!parts.every((part) => /^(?:'[^']*'|\d+)$/.test(part))) return null;
  return parts.map((part) => (part.startsWith("'") ? part.slice(1, -1) : Number(part)));
}

/**
 * Whether the model can work with an answer: it is of this type, and where the type has a name that is not known here, like
 * what the model's own rule answered.
 */
export function isAnswer(answer: unknown, type: string, own: unknown): boolean {
  return type.split(' | ').some((part) => isOf(answer, part, own));
}

const PRIMITIVES: ReadonlySet<string> = new Set(['boolean', 'number', 'bigint', 'string']);

function isOf(answer: unknown, type: string, own: unknown): boolean {
  if (type === 'null') return answer === null;
  if (PRIMITIVES.has(type)) return typeof answer === type;
  const literals = literalsOf(type);
  if (literals !== null) return literals.includes(answer);
  const element = type === 'Words' ? 'bigint' : /^readonly (.+)\[\]$/.exec(type)?.[1];
  if (element !== undefined) {
    const example: unknown = Array.isArray(own) ? own[0] : undefined;
    return Array.isArray(answer) && answer.every((each) => isAnswer(each, element, example));
  }
  return isLike(answer, own);
}

/** Of a named type there is only the model's own answer to go by; without one any record may be meant. */
function isLike(answer: unknown, own: unknown): boolean {
  if (typeof answer !== 'object' || answer === null)
    return typeof own !== 'object' && typeof answer === typeof own;
  if (typeof own !== 'object' || own === null) return !Array.isArray(answer);
  return Object.entries(own).every(
    ([key, each]) => typeof (answer as Readonly<Record<string, unknown>>)[key] === typeof each,
  );
}

/** What a value is, in words for a message. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'bigint') return 'a bigint or null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `a record of ${Object.keys(value).join(', ')}` : `a ${typeof value}`;
}
