import { MSI_CHOICES } from '../../model/msi/rules.ts';
import { VMM_CHOICES } from '../../model/vmm/rules.ts';

/** What the decision points that give one of a few words can give, by path. */
export const CHOICES: Readonly<Record<string, readonly unknown[]>> = Object.fromEntries([
  ...Object.entries(VMM_CHOICES).map(([point, words]) => [`vmm.${point}`, words]),
  ...Object.entries(MSI_CHOICES).map(([point, words]) => [`msi.${point}`, words]),
]);

/** Whether the model can work with a value as with its own: null says that there is no such number or record. */
export function isLike(value: unknown, own: unknown): boolean {
  if (value === null || own === null) return [value, own].every((each) => each === null || isNullable(each));
  if (typeof value !== typeof own || Array.isArray(value) !== Array.isArray(own)) return false;
  if (Array.isArray(value) && Array.isArray(own)) {
    return value.every((each) => (own.length > 0 ? own.some((one) => isLike(each, one)) : isPlain(each)));
  }
  if (typeof value !== 'object' || typeof own !== 'object') return true;
  return Object.entries(own ?? {}).every(([key, each]) =>
    isLike((value as Readonly<Record<string, unknown>>)[key], each),
  );
}

/** What lists of the model are made of. */
function isPlain(value: unknown): boolean {
  return ['string', 'bigint', 'number', 'object'].includes(typeof value);
}

function isNullable(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'object';
}

/** What a value is, in words for a message. */
export function kindOf(value: unknown): string {
  if (value === null || typeof value === 'bigint') return 'a bigint or null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `a record of ${Object.keys(value).join(', ')}` : `a ${typeof value}`;
}
