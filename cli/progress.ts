import ora from 'ora';
import type { Progress } from '../checker/check.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressLine {
  show(progress: Progress): void;
  end(): void;
}

const SILENT: ProgressLine = { show: () => {}, end: () => {} };

/** A line on stderr that says how far a check has come; nothing where nobody watches. */
export function progressLine({ stderr }: Terminal): ProgressLine {
  if (!stderr.isTTY) return SILENT;
  const spinner = ora({ text: 'checking', stream: process.stderr, discardStdin: false }).start();
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
