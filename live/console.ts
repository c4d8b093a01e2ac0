/** What a kernel says on its console that no user may make it say. */
export interface Complaint {
  /** Equal for complaints of one kind. */
  readonly kind: string;
  /** From the line that tells it on. */
  readonly excerpt: string;
}

/** The first lines of what kernels report, and which part of them tells one kind from another. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/WARNING: (?:CPU: \d+ PID: \d+ )?at (\S+)/, 'WARN'],
  [/WARNING: (\S+:\d+) at /, 'WARN'],
  [/kernel BUG at (\S+)/, 'BUG'],
  [/BUG: KASAN: (\S+ in \w+)/, 'KASAN'],
  [/BUG: (sleeping function called from invalid context)/, 'atomic'],
  [/BUG: (scheduling while atomic)/, 'atomic'],
  [/(refcount_t: [a-z; -]+)/, 'refcount'],
  [
    /(possible circular locking dependency|possible recursive locking|inconsistent lock state|suspicious RCU usage)/,
    'lockdep',
  ],
  [/INFO: (task \S+? blocked for more than)/, 'hung task'],
  [/(list_(?:add|del) corruption)/, 'list'],
  [/Unable to handle kernel ([A-Za-z ]+) at/, 'fault'],
  [/Internal error: (\w+)/, 'fault'],
  [/(soft lockup|rcu_\w+ (?:self-)?detected stall)/, 'stall'],
  [/Kernel panic - not syncing: ([^\n]{1,80})/, 'panic'],
];

const EXCERPT_LINES = 40;

/** The first complaint in what a console said; null: none. */
export function complaintIn(text: string): Complaint | null {
  const lines = text.split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    for (const [pattern, kind] of PATTERNS) {
      const found = pattern.exec(line);
      if (found === null) continue;
      // Numbers of processes and addresses differ from run to run.
      const what = (found[1] ?? '').replaceAll(/:\d+$|\+0x[0-9a-f/x]+|:\d+(?=\s|$)/g, '');
      return { kind: `console ${kind}: ${what}`, excerpt: printable(lines.slice(at, at + EXCERPT_LINES)) };
    }
  }
  return null;
}

/** The last that a console said, for what it does not complain about in so many words. */
export function endOf(text: string): string {
  return printable(text.trimEnd().split(/\r?\n/).slice(-EXCERPT_LINES));
}

function printable(lines: readonly string[]): string {
  return lines.map((line) => line.replaceAll(/[^\x20-\x7e]/g, '')).join('\n');
}
