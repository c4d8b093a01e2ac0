import type { Verdict } from '../checker/report.ts';

/** What a command's end says to the shell. */
export const EXIT = {
  ok: 0,
  disagrees: 1,
  usage: 2,
  noVerdict: 3,
  internal: 70,
  /** As the shell says of a command that SIGPIPE ended. */
  unread: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'holds':
      return EXIT.ok;
    case 'violated':
      return EXIT.disagrees;
    case 'vacuous':
    case 'inconclusive':
      return EXIT.noVerdict;
  }
}
