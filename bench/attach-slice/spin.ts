import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promelaOf } from './promela.ts';
import { type Pinned, sizeText } from './size.ts';
import { type Cost, timed, versionOf } from './tool.ts';

export const INSTALL_SPIN = "SPIN and a C compiler (Debian: 'apt-get install spin gcc')";

/** The two searches that SPIN's verifier can be compiled for; the first is what it does unasked. */
export const SEARCHES = { 'depth first': [], 'breadth first': ['-DBFS'] } as const;

export type Search = keyof typeof SEARCHES;

/** `Spin Version 6.5.2 -- 6 December 2019, gcc (Debian …) 12.2.0`; null where one of the two is missing. */
export function spinVersion(): string | null {
  const spin = versionOf('spin', '-V');
  const gcc = versionOf('gcc', '--version');
  return spin === null || gcc === null ? null : `${spin}, ${gcc}`;
}

/**
 * What SPIN's verifier takes to exhaust a size: compiled with gcc -O2, without partial-order reduction,
 * which would count less. Making and compiling the verifier takes longer and is not counted.
 * @throws Error where its counts are not the pinned ones.
 */
export async function costOfSpin(size: Pinned, search: Search): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-spin-'));
  try {
    await writeFile(join(folder, 'slice.pml'), promelaOf(size));
    await timed('spin', ['-a', 'slice.pml'], folder);
    const flags = ['-O2', '-DNOREDUCE', '-DSAFETY', '-DMEMLIM=4096', ...SEARCHES[search]];
    await timed('gcc', [...flags, '-o', 'pan', 'pan.c'], folder);
    // A hash table and a stack (of a depth-first search; no path is longer than there are states) that fit.
    const table = Math.max(16, Math.ceil(Math.log2(size.states)) + 1);
    const { output, ...cost } = await timed('./pan', [`-w${table}`, `-m${size.states + 1}`], folder);
    expectCounts(output, size);
    return cost;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expectCounts(output: string, size: Pinned): void {
  const count = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  const states = count(/^ *(\d+) states, stored/m);
  // SPIN counts what it stores and what it meets again; the first state is stored without a transition to it.
  const transitions = count(/^ *(\d+) transitions/m) - 1;
  if (states !== size.states || transitions !== size.transitions)
    throw new Error(`SPIN counts ${states} states and ${transitions} transitions of ${sizeText(size)}`);
}
