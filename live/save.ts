import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../model/platform/platform.ts';
import type { Rules } from '../model/rules.ts';
import { callsOf } from './emulated/described.ts';
import { ExportError } from './export/answer.ts';
import { toC } from './export/c.ts';
import { fromSequence } from './export/from-sequence.ts';
import { toQtest } from './export/qtest/c.ts';
import { expectedRun } from './export/qtest/expected.ts';
import type { Finding } from './finding.ts';
import { isRacing, stretchesOf, withoutThread } from './race.ts';
import { findingText, findingTitle } from './report.ts';
import type { LiveSequence } from './step.ts';
import type { Described } from './target.ts';

/** The name under which a finding is kept: what it is, short enough for a file. */
export function fileName({ is, name, command, kind }: Finding, number: number): string {
  const about = name ?? (command === '' ? kind : command);
  const words = about
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${String(number + 1).padStart(2, '0')}-${is}-${words}`.slice(0, 80);
}

/**
 * Writes each finding as a recording, which `nestcheck conform` replays, as text, and, where it is calls of a process alone or
 * what is done to an emulated IOMMU, as a C program that asserts the answers of the model under `rules`, those of a race in the order that fits best; gives the paths, by
 * finding.
 */
export async function saveFindings(
  folder: string,
  findings: readonly Finding[],
  { platform, meta, setups, summary }: Pick<Described, 'platform' | 'meta' | 'setups' | 'summary'>,
  rules: Rules,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [number, finding] of findings.entries()) {
    const path = join(folder, fileName(finding, number));
    await writeFile(`${path}.txt`, `${summary}\n\n${findingText(finding)}\n`);
    if (finding.ran !== null) {
      const head = [{ ...meta, note: summary }, ...setups];
      const lines = [...head, ...finding.ran.lines].map((line, seq) =>
        JSON.stringify({ ...line, seq, ...begunBehind(line, head.length) }),
      );
      await writeFile(`${path}.jsonl`, `${lines.join('\n')}\n`);
    }
    const program = programOf(finding, platform, rules);
    if (program !== null) await writeFile(`${path}.c`, program);
    paths.push(path);
  }
  return paths;
}

/** The number of a line counts those that describe the machine. */
function begunBehind(line: object, head: number): { readonly begin?: number } {
  return 'begin' in line && typeof line.begin === 'number' ? { begin: line.begin + head } : {};
}

/** One after the other, races in the order that fits best. */
function inOrder({ sequence, order = [] }: Finding): LiveSequence {
  const indices = sequence.map((_, index) => index);
  for (const { from, past } of stretchesOf(sequence)) {
    const inside = indices.slice(from, past);
    const told = order.filter((step) => inside.includes(step));
    indices.splice(from, past - from, ...told, ...inside.filter((step) => !told.includes(step)));
  }
  return indices.flatMap((index) => {
    const step = sequence[index];
    return step === undefined ? [] : [withoutThread(step)];
  });
}

/** Null: no program can do it, or there is nothing to do. */
function programOf(finding: Finding, platform: Platform, rules: Rules): string | null {
  if (finding.sequence.length === 0) return null;
  const under = 'the model, with the deviations that are known';
  const title = findingTitle(finding).split('\n')[0] ?? '';
  try {
    if (platform.emulated !== undefined || platform.emulatedVtd !== undefined)
      return toQtest(expectedRun(platform, callsOf(finding.sequence), rules), { title, under });
    const race = isRacing(finding.sequence) ? '; threads did this, here it is one after the other' : '';
    return toC(fromSequence(platform, inOrder(finding), rules), {
      title: `${title}${race}`,
      under,
      devices: platform.devices,
    });
  } catch (error) {
    if (error instanceof ExportError) return null;
    throw error;
  }
}
