#!/usr/bin/env node
import { thrownText } from '../checker/outside/text.ts';
import { EXIT } from './exit.ts';
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

/** Whether the command line was run to its end. */
let isDone = false;

/** What was said, or needs no word, where the process ends before that. */
const ENDED: readonly unknown[] = [EXIT.usage, EXIT.unread];

/** A module of the user's may end the process or wait for ever: that is no verdict, whatever its exit status says. */
process.on('exit', () => {
  if (isDone || ENDED.includes(process.exitCode)) return;
  process.exitCode = EXIT.usage;
  process.stderr.write(
    'nestcheck: ended before there was a verdict, by a module or for want of anything to do\n',
  );
});

/** What a module leaves behind (a timer, a promise) may throw when nobody waits for it. */
function endWith(thrown: unknown): void {
  // Why there is no verdict has been said.
  if (isDone && process.exitCode === EXIT.usage) return;
  process.exitCode = EXIT.usage;
  process.stderr.write(`nestcheck: something threw outside of any call: ${thrownText(thrown)}\n`);
  process.exit();
}
process.on('uncaughtException', endWith);
process.on('unhandledRejection', endWith);

process.exitCode = await run(process.argv.slice(2), processTerminal());
isDone = true;
