import { EXIT } from './exit.ts';

/** What a command may know of and do to the world outside: so that tests can be it. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back when the user wants to stop (Ctrl-C, SIGTERM); gives a function that ends this. */
  onInterrupt(stop: () => void): () => void;
}

export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}

/** The terminal, files or pipes of this process. */
export function processTerminal(): Terminal {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Who reads our output may stop reading (`| head`), as any command's: it has what it wants.
    process.exitCode = code === 'EPIPE' ? EXIT.unread : EXIT.usage;
    // A disk may be full: the verdict was not delivered.
    if (code !== 'EPIPE') process.stderr.write(`nestcheck: the output cannot be written (${code})\n`);
    process.exit();
  });
  // Nobody is left who could be told.
  process.stderr.on('error', () => {});
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    onInterrupt: (stop) => {
      // Once only: a second Ctrl-C ends the process as usual.
      for (const signal of INTERRUPTS) process.once(signal, stop);
      return () => {
        for (const signal of INTERRUPTS) process.off(signal, stop);
      };
    },
  };
}

/** Ctrl-C, and how a CI system or a service manager ends what takes too long. */
const INTERRUPTS = ['SIGINT', 'SIGTERM'] as const;

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    // A terminal without columns (a pseudo-terminal that nobody sized) cannot show a line that changes.
    isTTY: stream.isTTY === true && stream.columns > 0,
    write: (text) => {
      stream.write(text);
    },
  };
}
