import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DEFAULTS } from '../../checker/defaults.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { rulesOf as emulatedRulesOf } from '../../conformance/emulated/follower.ts';
import { KNOWN } from '../../conformance/linux/replay.ts';
import { rulesOf as rulesOfVmm } from '../../conformance/vmm/replay.ts';
import { bootGuest, connectCommand } from '../../lab/guest.ts';
import { initramfsWith } from '../../lab/initramfs-with.ts';
import { LAB_MACHINES } from '../../lab/machine.ts';
import { labPlaces } from '../../lab/places.ts';
import { LabError } from '../../lab/script.ts';
import { missingOf } from '../../lab/setup.ts';
import { AgentTarget } from '../../live/agent-target.ts';
import { rulesOf } from '../../live/compare.ts';
import { emulatedSubject } from '../../live/emulated/subject.ts';
import { isUnnamed } from '../../live/finding.ts';
import { kernelSubject } from '../../live/kernel-subject.ts';
import { type LiveProgress, live } from '../../live/loop.ts';
import type { LiveOptions } from '../../live/options.ts';
import { liveJson, liveText } from '../../live/report.ts';
import { saveFindings } from '../../live/save.ts';
import type { SubjectOf } from '../../live/subject.ts';
import { type Target, TargetLost } from '../../live/target.ts';
import { QemuDriver } from '../../live/vmm/qemu-driver.ts';
import { vmmSubject } from '../../live/vmm/subject.ts';
import { VmmTarget } from '../../live/vmm/target.ts';
import { VTD_MACHINES } from '../../live/vtd/machine.ts';
import type { Override } from '../../model/rules.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { isQtest, qtestMachine, qtestTarget } from '../live-qtest.ts';
import { duration, repeatable, wholeNumber } from '../options.ts';
import { writing } from '../reports.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface LiveCommand {
  readonly target: LiveTarget;
  readonly vmm?: string;
  readonly agent?: string;
  readonly kernel?: string;
  readonly machine?: string;
  readonly kvm?: true;
  readonly design: readonly string[];
  readonly time: number;
  readonly runs?: number;
  readonly steps: number;
  readonly races?: true;
  readonly seed: number;
  readonly output: string;
  readonly json?: true;
}

/**
 * What is searched: a kernel, by what a process calls; a VMM, by what its guest and its operator do; or an emulated SMMUv3 or VT-d
 * unit, by what registers, memory and devices do.
 */
const TARGETS = ['kernel', 'vmm', 'smmu', 'vtd'] as const;

type LiveTarget = (typeof TARGETS)[number];

/** What each is held against where nothing is said; and the lab's kernel that it runs on, where it does on one. */
const STANDARD: Readonly<Record<LiveTarget, { readonly design: string; readonly kernel: string }>> = {
  kernel: { design: 'smmu=qemu-11', kernel: 'default' },
  vmm: { design: 'kernel=linux-7.2,smmu=qemu-11', kernel: 'vmm' },
  smmu: { design: 'smmu=architecture', kernel: '' },
  vtd: { design: 'vtd=architecture', kernel: '' },
};

const STANDARD_MACHINE = 'two-smmus';

/** How sequences are made for a target, and judged. */
function subjectOf({ target, machine }: LiveCommand): SubjectOf {
  if (isQtest(target)) return emulatedSubject(qtestMachine(target, machine));
  return target === 'vmm' ? vmmSubject : kernelSubject;
}

const LOGIN_MS = 60_000;

/** As many as a race has threads. */
const RACING_PROCESSORS = 2;

/** `nestcheck live` */
export function addLive(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('live')
    .description('run sequences that the model makes on a real kernel, and bring back where the two part')
    .addOption(
      new Option(
        '--target <what>',
        'what is searched: a kernel, a VMM with vSMMUs on it, or an SMMUv3 or a VT-d unit that QEMU emulates',
      )
        .choices(TARGETS)
        .default('kernel'),
    )
    .option(
      '--vmm <path>',
      'another QEMU: for --target vmm one that runs on arm64, a program or a folder with bin/qemu-system-aarch64; for smmu and vtd one that runs here',
    )
    .option(
      '--kernel <name|image>',
      'a kernel of the lab, by its name there, or an image (default: "default"; of a VMM "vmm")',
    )
    .option(
      '--machine <name>',
      `the machine that QEMU makes (default: "${STANDARD_MACHINE}"; of a VT-d unit ${VTD_MACHINES.map(({ name }) => name).join(', ')}, by default the first)`,
    )
    .option('--kvm', 'on an arm64 host: run the guest with KVM')
    .option(
      '--agent <command>',
      "another machine: a command that starts its agent, such as 'ssh root@host nestcheck-agent 0000:01:00.0'",
    )
    .addOption(
      repeatable(
        '--design <axes|file>',
        'what the system is held against',
        `${STANDARD.kernel.design}; of a VMM ${STANDARD.vmm.design}; of an emulated SMMUv3 ${STANDARD.smmu.design}; of a VT-d unit ${STANDARD.vtd.design}`,
      ),
    )
    .option('--time <duration>', 'stop after this long', duration, 600_000)
    .option('--runs <n>', 'stop after so many runs', wholeNumber(1))
    .option('--steps <n>', 'calls in a run', wholeNumber(1, 1000), 40)
    .option(
      '--races',
      'half of the sequences have calls of two threads at the same time, in a guest of two processors: any order may be; of a kernel only',
    )
    .option('--seed <n>', 'equal seeds make equal sequences', wholeNumber(0, 0xffff_ffff), DEFAULTS.seed)
    .option('--output <dir>', 'where findings are written', 'nestcheck-live')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck live --time 10m
  $ nestcheck live --kernel ./arch/arm64/boot/Image --machine two-smmus --seed 7
  $ nestcheck live --races --time 10m
  $ nestcheck live --target vmm --time 10m
  $ nestcheck live --target smmu --steps 200 --time 10m
  $ nestcheck live --target smmu --vmm ./build/qemu-system-aarch64 --design smmu=qemu-11
  $ nestcheck live --target vtd --machine scalable-second --steps 200 --time 10m
  $ nestcheck live --agent 'ssh root@host nestcheck-agent 0000:01:00.0' --design smmu=architecture`,
    )
    .action(async (options: LiveCommand) => end(await runLive(options, terminal)));
}

async function runLive(options: LiveCommand, terminal: Terminal): Promise<ExitCode> {
  const standard = STANDARD[options.target];
  const design = options.design.length === 0 ? [standard.design] : options.design;
  const { overrides } = await selectRules(design, []);
  const target = await targetOf(options, overrides, terminal);
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
      races: options.races === true,
    };
    const held = { design: overrides, known: KNOWN };
    const all = { ...limits, ...held, promises: PROMISES };
    const report = await live(target, all, show, () => stopped, subjectOf(options));
    spinner?.stop();
    const { findings, platform, meta, setups } = report;
    if (findings.length > 0)
      await writing(options.output, () =>
        saveFindings(
          options.output,
          findings,
          { platform, meta, setups, summary: report.target },
          isQtest(options.target) ? emulatedRulesOf(overrides, platform).real : rulesOf(held),
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

/** What holds in every world and at every step, whoever led there. */
const PROMISES: LiveOptions['promises'] = ALL_PROPERTIES.filter(
  (property) => property.kind === 'state' || property.kind === 'step',
);

async function targetOf(
  options: LiveCommand,
  design: readonly Override[],
  terminal: Terminal,
): Promise<Target> {
  const { agent } = options;
  if (agent !== undefined && options.target !== 'kernel')
    throw new UsageError(`--agent: no agent drives a VMM; leave it or --target ${options.target} out`);
  if (options.vmm !== undefined && options.target === 'kernel')
    throw new UsageError('--vmm: only with --target vmm, smmu or vtd');
  if (options.races === true && options.target !== 'kernel')
    throw new UsageError('--races: only with --target kernel');
  if (isQtest(options.target)) return qtestTarget(options.target, options, design, terminal);
  if (agent !== undefined) return new AgentTarget(agent, () => connectCommand(agent, LOGIN_MS));
  const places = labPlaces(terminal.env);
  const [machine] = selectNames('machine', LAB_MACHINES, ({ name }) => name, [
    options.machine ?? STANDARD_MACHINE,
  ]);
  if (machine === undefined) throw new Error('a selection of one name is one thing');
  const named = options.kernel ?? STANDARD[options.target].kernel;
  const isImage = named.includes('/');
  const isVmm = options.target === 'vmm';
  const initramfs = isVmm ? places.vmmInitramfs(machine.name) : places.initramfs(machine.name);
  const missing = await missingOf(places, isImage ? null : named, machine.name, initramfs);
  if (missing !== null)
    throw new UsageError(`live: ${missing}; run nestcheck lab setup${isVmm ? ' --vmm' : ''}`);
  const kernel = isImage ? resolve(named) : places.kernel(named);
  if (isVmm) {
    const given = options.vmm;
    const own =
      given === undefined
        ? initramfs
        : await said(() => initramfsWith(places, initramfs, resolve(given), `live-${process.pid}`));
    const driver = new QemuDriver(`QEMU on lab ${machine.name}`, () =>
      bootGuest({
        ...{ places, machine, kernel, initramfs: own, processors: 1, runsVmms: true },
        ...{ accelerator: options.kvm ? 'kvm' : 'tcg', name: `live-${process.pid}` },
      }),
    );
    return new VmmTarget(driver, rulesOfVmm(design).real);
  }
  return new AgentTarget(`lab ${machine.name}`, () =>
    bootGuest({
      places,
      machine,
      kernel,
      initramfs,
      processors: options.races === true ? RACING_PROCESSORS : 1,
      accelerator: options.kvm ? 'kvm' : 'tcg',
      name: `live-${process.pid}`,
    }),
  );
}

async function said<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LabError) throw new UsageError(`live: ${error.message}`);
    throw error;
  }
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
