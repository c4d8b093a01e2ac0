import type { Terminal } from './terminal.ts';

/** The one object that `--json` prints. */
export function printJson(terminal: Terminal, command: string, report: object): void {
  terminal.stdout.write(`${JSON.stringify({ schema: 'nestcheck/1', command, ...report }, null, 2)}\n`);
}
