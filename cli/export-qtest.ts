import { readTraceFile } from '../checker/files.ts';
import { pathText } from '../checker/outside/text.ts';
import type { SelectedRules } from '../checker/select/rules.ts';
import { inFile, UsageError } from '../checker/select/usage-error.ts';
import { isEmulatedRecording } from '../conformance/emulated/replay.ts';
import { toQtest } from '../live/export/qtest/c.ts';
import { fromRecording } from '../live/export/qtest/from-recording.ts';
import { runOfTrace } from '../live/export/qtest/from-trace.ts';
import { underText } from './repeat.ts';
import { settingOf } from './trace-setting.ts';

/** A trace, or a run of a recording, as a program for QEMU's qtest. @throws UsageError, ExportError */
export async function qtestOf(path: string, selected: SelectedRules | null, run: number): Promise<string> {
  if (/\.jsonl(\.gz)?$/.test(path)) return ofRecording(path, selected, run);
  const trace = await readTraceFile(path);
  const { scope, rules } = await settingOf(path, trace, []);
  const under = underText(selected ?? trace);
  return toQtest(runOfTrace(trace, scope, selected?.rules ?? rules), {
    title: trace.violation ?? `a trace of scope ${trace.scope}`,
    under: under === '' ? 'the model' : under,
  });
}

async function ofRecording(path: string, selected: SelectedRules | null, number: number): Promise<string> {
  if (!(await isEmulatedRecording(path)))
    throw new UsageError(inFile(path, null, 'expected a recording of an emulated IOMMU'));
  const run = await fromRecording(path, number, selected?.rules ?? null);
  if (run === undefined) throw new UsageError(`--run: ${pathText(path)} has no run ${number}`);
  return toQtest(run, {
    title: `run ${number} of ${pathText(path)}: ${run.section}`,
    under: selected === null ? 'the recording' : underText(selected),
  });
}
