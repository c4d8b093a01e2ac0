import type { Command } from 'commander';
import { catalogue, KINDS } from '../../checker/catalogue.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `nestcheck completion` */
export function addCompletion(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, options and names')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(nestcheck completion bash)
  $ nestcheck completion zsh > "\${fpath[1]}/_nestcheck"
  $ nestcheck completion fish > ~/.config/fish/completions/nestcheck.fish`,
    )
    .action((name: string) => {
      const [shell] = selectNames('shell', SHELLS, (each) => each, [name]);
      if (shell === undefined) throw new Error('a selection of one name is one thing');
      terminal.stdout.write(SCRIPTS[shell](program.commands.map(completed)));
      end(EXIT.ok);
    });
}

/** A command as a shell completes it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
  /** What its first argument can be, where that is one of a few words. */
  readonly words: readonly string[];
}

function completed(command: Command): Completed {
  const options = command.options.map(({ long, short, flags, description }) => ({
    flag: long ?? short ?? flags,
    description,
  }));
  return {
    name: command.name(),
    description: command.description(),
    options,
    words: WORDS[command.name()]?.() ?? [],
  };
}

const WORDS: Readonly<Record<string, () => readonly string[]>> = {
  list: () => KINDS,
  describe: () => ['scope'],
  explain: () => ['assignability', ...namesOf('decisions')],
  completion: () => SHELLS,
};

/** Options whose value is one of the names of a kind. */
const VALUES: Readonly<Record<string, string>> = {
  '--design': 'designs',
  '--defect': 'defects',
  '--property': 'properties',
  '--scope': 'scopes',
};

function namesOf(kind: string): readonly string[] {
  return catalogue(kind).map(({ name }) => name);
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (commands: readonly Completed[]) => string>> = {
  bash: bashScript,
  // zsh runs bash's completions.
  zsh: (commands) =>
    `#compdef nestcheck\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
  fish: fishScript,
};

function bashScript(commands: readonly Completed[]): string {
  const values = Object.entries(VALUES).map(
    ([option, kind]) =>
      `    ${option}) COMPREPLY=($(compgen -W "${namesOf(kind).join(' ')}" -- "$cur")); return ;;`,
  );
  const cases = commands.map(({ name, options, words }) => {
    const all = [...options.map(({ flag }) => flag), '--help', ...words];
    return `    ${name}) COMPREPLY=($(compgen -W "${all.join(' ')}" -- "$cur") $(compgen -f -- "$cur")) ;;`;
  });
  return `_nestcheck() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  # '=' separates words of a line, but not those of a design.
  _get_comp_words_by_ref -n = cur prev 2>/dev/null
  case "$prev" in
${values.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _nestcheck nestcheck
`;
}

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, options, words }) => {
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c nestcheck -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map(({ flag, description: text }) => {
        const kind = VALUES[flag];
        const values = kind === undefined ? '' : ` -x -a ${quoted(namesOf(kind).join(' '))}`;
        return `complete -c nestcheck ${seen} -l ${flag.replace(/^-+/, '')}${values} -d ${quoted(text)}`;
      }),
      ...(words.length === 0 ? [] : [`complete -c nestcheck ${seen} -a ${quoted(words.join(' '))}`]),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
