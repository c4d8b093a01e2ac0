import type { z } from 'zod';
import { JsonError, readJson } from '../checker/trace/json.ts';
import { InputError } from './input-error.ts';

/** Values in one line: the longest lines have below a hundred, and notes of the recorder may have more. */
const MAX_LINE_VALUES = 10_000;

/**
 * The value in a line of a recording.
 * @throws InputError that says where it is no JSON.
 */
export function jsonOfLine(file: string, line: number, text: string): unknown {
  try {
    return readJson(text, MAX_LINE_VALUES).value;
  } catch (error) {
    const why = error instanceof JsonError ? `: ${error.message}` : '';
    throw new InputError(file, line, `expected a JSON object on every line${why}`);
  }
}

/** What is wrong with a line that a schema refuses. */
export function outOfShape(file: string, line: number, issue: z.core.$ZodIssue | undefined): InputError {
  const where = issue === undefined || issue.path.length === 0 ? 'the line' : `"${issue.path.join('.')}"`;
  return new InputError(file, line, `${where}: ${issue?.message ?? 'out of shape'}`);
}
