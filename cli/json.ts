import { jsonText } from '../checker/outside/text.ts';
import type { Terminal } from './terminal.ts';

/** The one object that `--json` prints. */
export function printJson(terminal: Terminal, command: string, report: object): void {
  terminal.stdout.write(`${jsonText({ schema: 'nestcheck/1', command, ...report }, 2)}\n`);
}
