import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';
import { findingText } from './report.ts';
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
 * Writes each finding as a recording, which `nestcheck conform` replays, and as text; gives the paths of the recordings, by
 * finding.
 */
export async function saveFindings(
  folder: string,
  findings: readonly Finding[],
  { meta, setups, summary }: Pick<Described, 'meta' | 'setups' | 'summary'>,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [number, finding] of findings.entries()) {
    const path = join(folder, fileName(finding, number));
    await writeFile(`${path}.txt`, `${summary}\n\n${findingText(finding)}\n`);
    if (finding.ran !== null) {
      const lines = [{ ...meta, note: summary }, ...setups, ...finding.ran.lines].map((line, seq) =>
        JSON.stringify({ ...line, seq }),
      );
      await writeFile(`${path}.jsonl`, `${lines.join('\n')}\n`);
    }
    paths.push(path);
  }
  return paths;
}
