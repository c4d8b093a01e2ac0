import type { Command } from 'commander';
import { selectGlobs } from '../../checker/select/by-name.ts';
import { type SelectedRules, selectRules } from '../../checker/select/rules.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { conformFile, type FileReport, type Judged, judgeFile } from '../../conformance/index.ts';
import { CALLS_PROPERTIES } from '../../properties/calls/index.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import { conformText, conformTotals } from '../conform-report.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { type JudgedFile, judgedJson, judgedText } from '../judge-report.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import type { Terminal } from '../terminal.ts';

interface ConformOptions {
  readonly design: readonly string[];
  readonly property: readonly string[];
  readonly json?: true;
}

/** `nestcheck conform` */
export function addConform(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('conform')
    .description('compare recordings of a real system with the model, and hold it to properties')
    .argument(
      '<recording...>',
      '.jsonl or .jsonl.gz of a kernel or a VMM; .json or .json.gz of an SMMUv3 or a VT-d unit',
    )
    .addOption(repeatable('--design <axes|file>', 'compare with the model under this design', 'intended'))
    .addOption(
      repeatable('--property <glob>', 'look at these properties in every world of the recording', 'none'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Properties vmm-* are about what a VMM may get wrong, over its calls alone.

Examples:
  $ nestcheck conform --design kernel=linux-7.2,smmu=qemu-11 recording.jsonl.gz
  $ nestcheck conform --design kernel=linux-7.2 mine.jsonl --json
  $ nestcheck conform --design kernel=linux-7.2 vm.jsonl --property 'vmm-*'`,
    )
    .action(async (paths: readonly string[], options: ConformOptions) => {
      end(await runConform(paths, options, terminal));
    });
}

async function runConform(
  paths: readonly string[],
  options: ConformOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const selection = await selectRules(options.design, []);
  const properties = propertiesOf(options, selection);
  const files: FileReport[] = [];
  const judged: JudgedFile[] = [];
  for (const path of paths) {
    if (properties.length === 0) {
      files.push(await conformFile(path, selection.overrides));
      continue;
    }
    const { report, place, judgements } = await judgeFile(path, selection.overrides, properties, selection);
    if (place === null)
      throw new UsageError(
        `${path}: --property: expected a recording of a kernel or a VMM that names its devices`,
      );
    files.push(report);
    judged.push({ file: path, place, judgements });
  }
  if (options.json) {
    const withProperties = files.map((file) => {
      const own = judged.find((each) => each.file === file.file);
      return own === undefined ? file : { ...file, properties: judgedJson(own) };
    });
    printJson(terminal, 'conform', { files: withProperties, ...conformTotals(files) });
  } else {
    const paint = paintFor(terminal);
    terminal.stdout.write(`${conformText(files, paint)}\n`);
    for (const each of judged) terminal.stdout.write(`\n${judgedText(each, paint)}\n`);
  }
  // A named deviation is a disagreement too: the design did not ask for it.
  if (files.some(({ checked, agreed }) => agreed < checked)) return EXIT.disagrees;
  const verdicts = judged.flatMap(({ judgements }) => judgements.map(({ verdict }) => verdict));
  if (verdicts.includes('violated')) return EXIT.disagrees;
  return verdicts.length > 0 && !verdicts.includes('holds') ? EXIT.noVerdict : EXIT.ok;
}

function propertiesOf({ property }: ConformOptions, selection: SelectedRules): readonly Judged[] {
  if (property.length === 0) return [];
  const all: readonly Judged[] = [...CALLS_PROPERTIES, ...ALL_PROPERTIES, ...selection.properties];
  return selectGlobs('property', all, ({ id }) => id, property);
}
