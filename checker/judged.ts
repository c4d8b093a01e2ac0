import { textOf } from './attempt.ts';
import { UsageError } from './select/usage-error.ts';

/**
 * What a property says: null, or how it is violated. In a world that a defect has corrupted a property may meet what
 * cannot be, and throw: then it does not hold there.
 * @throws UsageError where a user's own rule or property is to blame.
 */
export function judged(violated: () => string | null): string | null {
  try {
    return violated();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return `cannot be judged: ${textOf(error)}`;
  }
}
