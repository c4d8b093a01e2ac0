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
  return {
    show: ({ runs, plannedRuns, steps, violated }) => {
      const found = violated === 0 ? '' : `, ${violated} properties violated`;
      spinner.text = `${runs} of ${plannedRuns} runs, ${steps.toLocaleString('en-US')} commands${found}`;
    },
    end: () => {
      spinner.stop();
    },
  };
}
