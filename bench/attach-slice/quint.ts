import { join } from 'node:path';
import { ROOT } from '../../tools/committed.ts';
import type { Size } from './size.ts';
import { timed, versionOf } from './tool.ts';

export const INSTALL_QUINT =
  "Quint on the PATH ('npm init -y && npm pkg set overrides.antlr4ts=0.5.0-alpha.4 && npm install @informalsystems/quint@0.33.0' in a folder of its own)";

/** Commands in a run: as many as a check makes. */
const STEPS = 60;
const RUNS = 100;

/** Quint's version; null where it is not on the PATH. */
export function quintVersion(): string | null {
  const version = versionOf('quint', '--version');
  return version === null ? null : `Quint ${version}`;
}

/** How many seconds Quint's simulator takes for a random step, with its TypeScript backend and by its own clock. */
export async function secondsOfQuintStep({ devices, viommus, hwpts }: Size): Promise<number> {
  const main = `slice_${devices}_${viommus}_${hwpts}`;
  const counts = ['--max-samples', String(RUNS), '--max-steps', String(STEPS), '--seed', '1'];
  const args = ['run', 'attachSlice.qnt', '--main', main, '--backend', 'typescript', ...counts];
  const { output } = await timed('quint', [...args, '--verbosity', '1'], join(ROOT, 'bench/attach-slice'));
  const milliseconds = Number(/\((\d+)ms at/.exec(output)?.[1]);
  if (!(milliseconds > 0)) throw new Error(`Quint does not say how long it took: ${output}`);
  return milliseconds / 1000 / (RUNS * STEPS);
}
