import type { Override } from '../../model/rules.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { vmmQemu11 } from '../../overrides/deviations/vmm-qemu-11/index.ts';
import { type BeyondDesign, beyondDesign, rulesWith } from '../beyond-design.ts';
import type { Keep } from '../kept.ts';
import type { Line as KernelLine } from '../linux/lines.ts';
import { bootSystem, type System } from '../linux/system.ts';
import { readLines } from '../read-lines.ts';
import { recordedLines } from '../recorded-lines.ts';
import { isQemu } from '../recorder/qemu.ts';
import type { FileReport } from '../report.ts';
import { Follower, type Parting } from './follower.ts';
import { type Line, parseLine } from './lines.ts';
import { machineOfSurvey, Survey, surveyOf } from './survey.ts';

/** What the recorded system is known to be. */
const KNOWN: readonly Override[] = [...linux72, ...smmuQemu11Deviations, ...vmmQemu11];

/**
 * Replays a recording of a VMM with a vSMMU, as a stream. What guest and operator do are inputs; compared are, in order, every call
 * that the VMM makes with its arguments and answers, where each DMA landed, what the guest reads, its events, and what is
 * refused. After a line that the design disagrees about all goes on from where the recorded system is.
 */
export async function replayVmm(
  path: string,
  design: readonly Override[],
  keep: Keep | null = null,
): Promise<FileReport> {
  const survey = await surveyOf(path);
  const { platform, machine, cdevs } = machineOfSurvey(survey, path);
  const { own, real, suspects } = rulesOf(design);
  const kept = keep?.({ platform, rules: real });
  const follower = new Follower({
    ...{ path, machine, cdevs, own, real },
    tellsDma: survey.tellsDma,
    system: bootSystem(platform, true, kept !== undefined),
    suspects: suspects.map((each) => ({ name: each.name, rules: rulesWith(design, [each]) })),
    look: null,
    part: null,
    keep: kept === undefined ? null : (each) => kept.take(each),
  });
  const teller = survey.teller(path);
  let unended = 0;
  for await (const { number, line } of recordedLines(path, null, parseLine)) {
    if (line === null) unended++;
    else if (teller === null) follower.take(line, number);
    else for (const told of teller.tell(line as KernelLine, number)) follower.take(told.line, told.number);
  }
  for (const told of teller?.end() ?? []) follower.take(told.line, told.number);
  follower.end();
  kept?.end();
  const skipped = new Map(follower.skipped);
  if (unended > 0) skipped.set('a last line that was not written to its end', unended);
  return {
    file: path,
    events: follower.events + unended,
    checked: follower.checked,
    agreed: follower.agreed,
    skipped: Object.fromEntries([...skipped].sort()),
    deviations: Object.fromEntries([...follower.deviations].sort()),
    first: follower.first,
    disagreements: follower.kinds.report(),
    machine: `${platform.name}, ${machine.vsmmus.length} vSMMU${machine.vsmmus.length === 1 ? '' : 's'}`,
  };
}

/** The lines of a recording of a VMM that is in memory. */
export interface Recorded {
  /** What it is called where something is wrong with it. */
  readonly path: string;
  readonly lines: readonly Line[];
  /** Which line of the file each is from. */
  readonly numbers: readonly number[];
}

/** What came of following one. */
export interface Followed {
  readonly follower: Follower;
  readonly partings: readonly Parting[];
}

/** Follows lines from the first to the last; `look` is told the recorded system behind each. @throws InputError where they are no recording. */
export function followVmm(
  { path, lines, numbers }: Recorded,
  design: readonly Override[],
  look: ((system: System, line: number) => void) | null = null,
): Followed {
  const survey = new Survey(path);
  lines.forEach((line, at) => {
    survey.note(line, numbers[at] ?? at + 1);
  });
  const { platform, machine, cdevs } = machineOfSurvey(survey, path);
  const { own, real, suspects } = rulesOf(design);
  const partings: Parting[] = [];
  const follower = new Follower({
    ...{ path, machine, cdevs, own, real, look },
    tellsDma: survey.tellsDma,
    system: bootSystem(platform, true),
    suspects: suspects.map((each) => ({ name: each.name, rules: rulesWith(design, [each]) })),
    part: (parting) => partings.push(parting),
    keep: null,
  });
  lines.forEach((line, at) => {
    follower.take(line, numbers[at] ?? at + 1);
  });
  follower.end();
  return { follower, partings };
}

export function rulesOf(design: readonly Override[]): BeyondDesign {
  return beyondDesign(design, KNOWN);
}

/**
 * Whether a file is a recording of a VMM rather than of the kernel alone: its command line stands before all calls. In one that
 * `nestcheck record` made the VMM must also have said what its guest does.
 */
export async function isVmmRecording(path: string): Promise<boolean> {
  let isRecorders = false;
  for await (const { line, text } of readLines(path)) {
    if (isRecorders) {
      if (GUESTS.test(text)) return true;
      continue;
    }
    if (/"ev":\s*"start"/.test(text)) return true;
    if (!/"ev":\s*"(meta|setup)"/.test(text)) return false;
    if (!RECORDER.test(text)) continue;
    const meta = parseLine(path, line, text);
    if (meta.ev !== 'meta' || !isQemu(meta.command ?? [])) return false;
    isRecorders = true;
  }
  return false;
}

const RECORDER = /"recorder":/;

/** A line of qtest's log, or of the traces of a vSMMU's registers: with those it is known what the guest did. */
const GUESTS = /"ev":"said".*"text":"(\[R |smmuv3_write_mmio )/;
