import type { Progress } from '../checker/check.ts';
import { spinnerOn } from './spinner.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressLine {
  show(progress: Progress): void;
  end(): void;
}

const SILENT: ProgressLine = { show: () => {}, end: () => {} };

/** A line on stderr that says how far a check has come; nothing where nobody watches. */
export async function progressLine(terminal: Terminal): Promise<ProgressLine> {
  const spinner = await spinnerOn(terminal, 'checking');
  if (spinner === null) return SILENT;
  const began = performance.now();
  return {
    show: ({ runs, plannedRuns, violated }) => {
      const found = violated === 0 ? '' : `, ${violated} properties violated`;
      spinner.text = `${runs} of ${plannedRuns} runs${paceText(runs, plannedRuns, performance.now() - began)}${found}`;
    },
    end: () => {
      spinner.stop();
    },
  };
}

/** How fast it goes, and how long is left at that rate. */
export function paceText(done: number, planned: number, milliseconds: number): string {
  if (done === 0 || milliseconds <= 0) return '';
  const rate = (1000 * done) / milliseconds;
  const left = Math.ceil((planned - done) / rate);
  const time = left < 120 ? `${left} s` : `${Math.ceil(left / 60)} min`;
  return `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} runs/s, ${time} left`;
}
