/** What a command may know of and do to the world outside: so that tests can be it. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back when the user wants to stop (Ctrl-C); gives a function that ends this. */
  onInterrupt(stop: () => void): () => void;
}

export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}

/** The terminal, files or pipes of this process. */
export function processTerminal(): Terminal {
  // Who reads our output may stop reading (`| head`): then there is nobody left to tell.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    onInterrupt: (stop) => {
      // Once only: a second Ctrl-C ends the process as usual.
      process.once('SIGINT', stop);
      return () => process.off('SIGINT', stop);
    },
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    // A terminal without columns (a pseudo-terminal that nobody sized) cannot show a line that changes.
    isTTY: stream.isTTY === true && stream.columns > 0,
    write: (text) => {
      stream.write(text);
    },
  };
}
