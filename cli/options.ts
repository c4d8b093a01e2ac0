import { type Command, InvalidArgumentError, Option } from 'commander';

/** An option that can be given several times; `standard` says what it means not to give it. */
export function repeatable(flags: string, description: string, standard: string): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], standard);
}

/** A whole number from `least` on, up to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  return (text) => {
    const number = Number(text);
    if (!/^[0-9]+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least}${upTo}.`);
    return number;
  };
}

/** Threads: more than any machine has use for, since each holds worlds of its own. */
export const MAX_WORKERS = 256;

/** A duration such as `30s` or `2m`, in milliseconds. */
export function duration(text: string): number {
  const [, digits = '', unit] = /^([0-9]{1,6}(?:\.[0-9]{1,3})?)([sm])$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (unit === 'm' ? 60_000 : 1000);
  if (!(milliseconds > 0)) throw new InvalidArgumentError('Expected a duration such as 30s or 2m.');
  return milliseconds;
}

/** The options that say what is looked at, and under what; the same for every command that looks at properties. */
export function addSelectors(command: Command): Command {
  return command
    .addOption(
      repeatable(
        '--design <axes|file>',
        'choices such as kernel=linux-7.2, or a module of your own',
        'intended',
      ),
    )
    .addOption(repeatable('--defect <name>', 'switch on a known bug', 'none'))
    .addOption(repeatable('--property <glob>', 'only these properties', 'all'))
    .addOption(repeatable('--scope <name>', 'only on this platform', 'all'))
    .addOption(platformOption())
    .addOption(settingOption());
}

/** A platform of the user's own. */
export function platformOption(): Option {
  return new Option(
    '--platform <file>',
    'a platform of your own, as JSON: parts that replace those of a scope',
  );
}

/** One value of a platform, another than the scope has. */
export function settingOption(): Option {
  return repeatable(
    '--set <setting>',
    'change the platform, such as smmu0.IDR1.SSIDSIZE=0 or vsmmu0.ats=off',
    'nothing',
  );
}
