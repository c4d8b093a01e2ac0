import { underText } from '../cli/repeat.ts';
import type { Place } from '../lab/machine.ts';
import { ExportError } from '../live/export/answer.ts';
import { toC } from '../live/export/c.ts';
import { fromTrace } from '../live/export/from-trace.ts';
import { linux72 } from '../overrides/deviations/linux-7.2.ts';
import { committedCounterexamples } from './committed.ts';

/** Where it is listed how the programs went. */
export const REPRODUCERS = 'tools/data/reproducers.json';

/** How the C programs of counterexamples went on a real kernel. */
export interface Reproducers {
  readonly kernel: string;
  readonly machine: string;
  /** By path, what a program said. */
  readonly said: Readonly<Record<string, string>>;
}

/** What a program says where every answer is as its trace has it. */
export const AS_EXPECTED = 'all answers as expected';

/** A counterexample as a C program. */
export interface Exported {
  /** Where the program lies, or would. */
  readonly path: string;
  readonly text: string;
  /** Where the devices that it takes are. */
  readonly devices: readonly Place[];
}

/** The counterexamples of the recorded kernel that are calls of a process alone, as programs. */
export async function exportedCounterexamples(): Promise<readonly Exported[]> {
  const exported: Exported[] = [];
  for (const { path, trace, scope, override } of await committedCounterexamples()) {
    if (!linux72.includes(override)) continue;
    const title = {
      title: trace.violation ?? path,
      under: underText(trace),
      devices: scope.platform.devices,
    };
    try {
      const text = toC(fromTrace(trace, scope, null), title);
      const devices = [...text.slice(0, 2000).matchAll(/\(SMMU (\d+), group (\d+)\)/g)];
      exported.push({
        path: path.replace(/\.json$/, '.c'),
        text,
        devices: devices.map(([, smmu, group]) => ({ smmu: Number(smmu), group: Number(group) })),
      });
    } catch (error) {
      // What a guest or a device does, no process can.
      if (!(error instanceof ExportError)) throw error;
    }
  }
  return exported;
}
