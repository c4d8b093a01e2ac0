import { oneLine, pathText } from '../outside/text.ts';

/** What the user asked for does not exist or cannot be read. The message is one line that says what would do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(oneLine(message));
    this.name = 'UsageError';
  }
}

/** A message about a place in a file: the place stays readable however long the path is. */
export function inFile(path: string, line: number | null, message: string): string {
  return line === null ? `${pathText(path)}: ${message}` : `${pathText(path)}:${line}: ${message}`;
}

/**
 * What `select` gives; where it throws a `UsageError`, that names the file that asked for it.
 * @throws UsageError
 */
export async function askedBy<T>(path: string, select: () => T | Promise<T>): Promise<T> {
  try {
    return await select();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(inFile(path, null, error.message));
    throw error;
  }
}
