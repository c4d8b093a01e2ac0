import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DEFAULTS } from '../../checker/defaults.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { KNOWN } from '../../conformance/linux/replay.ts';
import { bootGuest, connectCommand } from '../../lab/guest.ts';
import { LAB_MACHINES } from '../../lab/machine.ts';
import { labPlaces } from '../../lab/places.ts';
import { missingOf } from '../../lab/setup.ts';
import { AgentTarget } from '../../live/agent-target.ts';
import { rulesOf } from '../../live/compare.ts';
import { isUnnamed } from '../../live/finding.ts';
import { type LiveProgress, live } from '../../live/loop.ts';
import { liveJson, liveText } from '../../live/report.ts';
import { saveFindings } from '../../live/save.ts';
import { type Target, TargetLost } from '../../live/target.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import type { StateProperty } from '../../properties/property.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { duration, repeatable, wholeNumber } from '../options.ts';
import { writing } from '../reports.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface LiveCommand {
  readonly agent?: string;
  readonly kernel: string;
  readonly machine: string;
  readonly kvm?: true;
  readonly design: readonly string[];
  readonly time: number;
  readonly runs?: number;
  readonly steps: number;
  readonly seed: number;
  readonly output: string;
  readonly json?: true;
}

const LOGIN_MS = 60_000;

/** `nestcheck live` */
export function addLive(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('live')
    .description('run sequences that the model makes on a real kernel, and bring back where the two part')
    .option('--kernel <name|image>', 'a kernel of the lab, by its name there, or an image', 'default')
    .option('--machine <name>', 'the machine that QEMU makes', 'two-smmus')
    .option('--kvm', 'on an arm64 host: run the guest with KVM')
    .option(
      '--agent <command>',
      "another machine: a command that starts its agent, such as 'ssh root@host nestcheck-agent 0000:01:00.0'",
    )
    .addOption(repeatable('--design <axes|file>', 'what the system is held against', 'smmu=qemu-11'))
    .option('--time <duration>', 'stop after this long', duration, 600_000)
    .option('--runs <n>', 'stop after so many runs', wholeNumber(1))
    .option('--steps <n>', 'calls in a run', wholeNumber(1, 1000), 40)
    .option('--seed <n>', 'equal seeds make equal sequences', wholeNumber(0, 0xffff_ffff), DEFAULTS.seed)
    .option('--output <dir>', 'where findings are written', 'nestcheck-live')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck live --time 10m
  $ nestcheck live --kernel ./arch/arm64/boot/Image --machine two-smmus --seed 7
  $ nestcheck live --agent 'ssh root@host nestcheck-agent 0000:01:00.0' --design smmu=architecture`,
    )
    .action(async (options: LiveCommand) => end(await runLive(options, terminal)));
}

async function runLive(options: LiveCommand, terminal: Terminal): Promise<ExitCode> {
  const target = await targetOf(options, terminal);
  const { overrides } = await selectRules(
    options.design.length === 0 ? ['smmu=qemu-11'] : options.design,
    [],
  );
  const spinner = await spinnerOn(terminal, 'booting');
  let stopped = false;
  const forget = terminal.onInterrupt(() => {
    stopped = true;
  });
  const show = (progress: LiveProgress): void => {
    if (spinner !== null) spinner.text = progressText(progress, options);
  };
  try {
    const limits = {
      seed: options.seed,
      time: options.time,
      runs: options.runs ?? null,
      steps: options.steps,
    };
    const held = { design: overrides, known: KNOWN };
    const report = await live(target, { ...limits, ...held, promises: PROMISES }, show, () => stopped);
    spinner?.stop();
    const { findings, platform, meta, setups } = report;
    if (findings.length > 0)
      await writing(options.output, () =>
        saveFindings(
          options.output,
          findings,
          { platform, meta, setups, summary: report.target },
          rulesOf(held),
        ),
      );
    if (options.json) printJson(terminal, 'live', liveJson(report));
    else {
      terminal.stdout.write(`${liveText(report)}\n`);
      if (findings.length > 0)
        terminal.stdout.write(`Recordings of all of them are in ${options.output}/.\n`);
    }
    if (findings.some(isUnnamed)) return EXIT.disagrees;
    return report.ended === 'lost' ? EXIT.noVerdict : EXIT.ok;
  } catch (error) {
    if (error instanceof TargetLost) throw new UsageError(`live: ${error.message}`);
    throw error;
  } finally {
    forget();
    spinner?.stop();
    await target.stop();
  }
}

/** What holds in every world, whoever led there. */
const PROMISES: readonly StateProperty[] = ALL_PROPERTIES.filter((property) => property.kind === 'state');

async function targetOf(options: LiveCommand, terminal: Terminal): Promise<Target> {
  const { agent } = options;
  if (agent !== undefined) return new AgentTarget(agent, () => connectCommand(agent, LOGIN_MS));
  const places = labPlaces(terminal.env);
  const [machine] = selectNames('machine', LAB_MACHINES, ({ name }) => name, [options.machine]);
  if (machine === undefined) throw new Error('a selection of one name is one thing');
  const isImage = options.kernel.includes('/');
  const missing = await missingOf(places, isImage ? null : options.kernel, machine.name);
  if (missing !== null) throw new UsageError(`live: ${missing}; run nestcheck lab setup`);
  const kernel = isImage ? resolve(options.kernel) : places.kernel(options.kernel);
  return new AgentTarget(`lab ${machine.name}`, () =>
    bootGuest({
      places,
      machine,
      kernel,
      initramfs: places.initramfs(machine.name),
      processors: 1,
      accelerator: options.kvm ? 'kvm' : 'tcg',
      name: `live-${process.pid}`,
    }),
  );
}

function progressText(
  { runs, calls, seconds, found, shrinking }: LiveProgress,
  { time }: LiveCommand,
): string {
  const rate = seconds > 0 ? Math.round(calls / seconds) : 0;
  const left = Math.max(0, Math.round(time / 1000 - seconds));
  const doing = shrinking === null ? '' : `; making small: ${shrinking}`;
  return `${runs} runs, ${calls.toLocaleString('en-US')} answers (${rate}/s), ${found} found, ${left} s left${doing}`;
}
