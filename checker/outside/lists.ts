import { z } from 'zod';

/**
 * A list of at most `most` elements. They are looked at one after the other and none behind the first that does not fit,
 * so that a list of a million wrong ones costs one complaint rather than a million.
 */
export function listOf<T extends z.ZodType>(element: T, most: number) {
  return z
    .custom<readonly unknown[]>((value) => Array.isArray(value) && value.length <= most, {
      message: `expected a list of at most ${most}`,
    })
    .transform((given, context): z.output<T>[] => {
      const read: z.output<T>[] = [];
      for (const [index, each] of given.entries()) {
        const parsed = element.safeParse(each);
        if (parsed.success) {
          read.push(parsed.data);
          continue;
        }
        const [issue] = parsed.error.issues;
        if (issue !== undefined)
          context.issues.push({ ...issue, input: each, path: [index, ...issue.path] } as z.core.$ZodRawIssue);
        return z.NEVER;
      }
      return read;
    });
}

/** A record of at most `most` entries: counted before any is looked at. */
export function recordOf<K extends z.ZodString, V extends z.ZodType>(key: K, value: V, most: number) {
  return z
    .custom<object>(
      (given) =>
        typeof given === 'object' &&
        given !== null &&
        !Array.isArray(given) &&
        Object.keys(given).length <= most,
      { message: `expected an object of at most ${most} entries` },
    )
    .pipe(z.record(key, value));
}
