/** What a command line came to. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MESSAGE_LENGTH = 300;

/** What no answer may be; null where there is nothing to be said against it. */
export function faultOf({ code, stdout, stderr }: Answer): string | null {
  if (![0, 1, 2, 3].includes(code)) return `it exits with ${code}: ${stderr}`;
  const raw = /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.exec(stdout + stderr);
  if (raw !== null) return `U+${raw[0].codePointAt(0)?.toString(16)} reaches the terminal`;
  if (/^\s+at .*:\d+:\d+\)?$/m.test(stderr)) return `a stack trace: ${stderr}`;
  if (/^\s*::|##\[/m.test(stdout.replaceAll(/^::(?:error|warning) title=nestcheck/gm, '')))
    return 'a workflow command';
  if (code !== 2) return null;
  const lines = stderr.trimEnd().split('\n');
  if (lines.length !== 1 || !stderr.startsWith('nestcheck: ')) return `not one line: ${stderr}`;
  return stderr.length > MESSAGE_LENGTH + 'nestcheck: \n'.length
    ? `a message of ${stderr.length} characters`
    : null;
}
