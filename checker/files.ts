import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UsageError } from './select/usage-error.ts';
import { printTrace } from './trace/encode.ts';
import { MAX_TRACE_LENGTH, parseTrace, TraceError } from './trace/parse.ts';
import type { Trace } from './trace/trace.ts';

/**
 * Reads a trace file.
 * @throws UsageError naming the file, the line and what was expected there.
 */
export async function readTraceFile(path: string): Promise<Trace> {
  const text = await readText(path);
  try {
    return parseTrace(text);
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(`${path}:${error.line}: ${error.message}`);
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > 4 * MAX_TRACE_LENGTH) throw new UsageError(`${path}: expected a smaller file`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'expected UTF-8 text' : `cannot be read (${code})`;
    throw new UsageError(`${path}: ${reason}`);
  }
}

/** Writes a trace file whole or not at all: beside its place first, then renamed into it. */
export async function writeTraceFile(path: string, trace: Trace): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, printTrace(trace), { flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
