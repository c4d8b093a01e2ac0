import { rename, rm, writeFile } from 'node:fs/promises';
import { traceToItf } from './itf/encode.ts';
import { jsonText } from './outside/text.ts';
import { readText, TooLong } from './read-text.ts';
import type { Setting } from './run.ts';
import { inFile, UsageError } from './select/usage-error.ts';
import { printTrace } from './trace/encode.ts';
import { MAX_TRACE_LENGTH } from './trace/limits.ts';
import { traceFromText } from './trace/read.ts';
import type { Trace } from './trace/trace.ts';

/**
 * Reads a trace file, in our own format or in ITF.
 * @throws UsageError naming the file, the line and what was expected there.
 */
export async function readTraceFile(path: string): Promise<Trace> {
  return traceFromText(path, await readTraceText(path));
}

/** The most bytes that a trace of `MAX_TRACE_LENGTH` characters can have. */
const MAX_BYTES = 4 * MAX_TRACE_LENGTH;

/**
 * The text of a file that a user named; `-` is standard input.
 * @throws UsageError naming the file where it cannot be read, or is no text.
 */
export function readWholeText(path: string): Promise<string> {
  return readTraceText(path === '-' ? '/dev/stdin' : path);
}

async function readTraceText(path: string): Promise<string> {
  try {
    return await readText(path, MAX_BYTES);
  } catch (error) {
    if (error instanceof TooLong) throw new UsageError(inFile(path, null, `expected ${error.message}`));
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'expected UTF-8 text' : `cannot be read (${code})`;
    throw new UsageError(inFile(path, null, reason));
  }
}

/** Two writes of one process to one place do not meet beside it. */
let writes = 0;

/**
 * Writes a file whole or not at all: beside its place first, then renamed into it. Whoever reads sees the old file
 * or the new one, whenever the process ends; what it then leaves beside is called `*.tmp`.
 */
export async function writeWhole(path: string, text: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}-${writes++}.tmp`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Writes a trace file, whole or not at all.
 * @throws UsageError where it would be longer than what is read.
 */
export async function writeTraceFile(path: string, trace: Trace): Promise<void> {
  await writeWhole(path, readable(path, printTrace(trace)));
}

function readable(path: string, text: string): string {
  if (text.length <= MAX_TRACE_LENGTH) return text;
  throw new UsageError(
    inFile(
      path,
      null,
      `the trace would have ${text.length} characters; at most ${MAX_TRACE_LENGTH} are read`,
    ),
  );
}

/**
 * Writes a trace in the Informal Trace Format, whole or not at all.
 * @throws UsageError where it would be longer than what is read.
 */
export async function writeItfFile(path: string, trace: Trace, setting: Setting): Promise<void> {
  await writeWhole(path, readable(path, `${jsonText(traceToItf(trace, setting), 1)}\n`));
}
