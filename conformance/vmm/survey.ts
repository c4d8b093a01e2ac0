import type { Platform } from '../../model/platform/platform.ts';
import { InputError } from '../input-error.ts';
import type { LineOf as KernelLineOf } from '../linux/lines.ts';
import { recordedLines } from '../recorded-lines.ts';
import { QemuSurvey, type QemuTeller } from '../recorder/qemu.ts';
import { type Machine, machineOf } from './command-line.ts';
import { hostOf, Memory } from './host.ts';
import { type Line, parseLine } from './lines.ts';

/*
 * What must be known of a recording before it is followed: the machine, and by what the guest is known. That is read first, and nothing of
 * the rest is kept.
 */

/** Only these lines say something of that; the others are not even parsed here. */
const SURVEYED = /"ev":\s*"(?:meta|setup|start|said|transfer)"|"nr":\s*"0x85"/;

/** Devices of one machine. */
const MOST_DEVICES = 256;

export class Survey {
  readonly setups: KernelLineOf<'setup'>[] = [];
  readonly memory = new Memory();
  readonly #path: string;
  #start: string | null = null;
  #hasTransfers = false;
  /** Null: it is not of `nestcheck record`. */
  #qemu: QemuSurvey | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  note(line: Line, number: number): void {
    switch (line.ev) {
      case 'meta':
        if (line.recorder !== undefined) this.#qemu ??= new QemuSurvey();
        if (line.command !== undefined) this.#qemu?.noteCommand(line.command);
        return;
      case 'setup':
        if (this.setups.length === MOST_DEVICES)
          throw new InputError(this.#path, number, `expected at most ${MOST_DEVICES} devices`);
        this.setups.push(line);
        return;
      case 'start':
        this.#start ??= line.args;
        return;
      case 'said':
        this.#qemu?.noteSaid(line.text);
        return;
      case 'transfer':
        this.#hasTransfers = true;
        return;
      default:
        this.memory.note(line, number, this.#path);
    }
  }

  /** The command line; null: nothing says it. */
  get args(): string | null {
    return this.#qemu?.start.args ?? this.#start;
  }

  get tellsDma(): boolean {
    return this.#qemu?.tellsDma ?? this.#hasTransfers;
  }

  /** How its lines are told; null: as they are. */
  teller(path: string): QemuTeller | null {
    return this.#qemu?.teller(path) ?? null;
  }
}

export async function surveyOf(path: string): Promise<Survey> {
  const survey = new Survey(path);
  for await (const { number, line } of recordedLines(path, SURVEYED, parseLine))
    if (line !== null) survey.note(line, number);
  return survey;
}

/** What a recording takes place on. */
export interface Surveyed {
  readonly platform: Platform;
  readonly machine: Machine;
  /** Devices by the paths of their files. */
  readonly cdevs: ReadonlyMap<string, string>;
}

export function machineOfSurvey({ args, setups, memory }: Survey, path: string): Surveyed {
  if (args === null) throw new InputError(path, null, 'expected a "start" line with the command line');
  const machine = machineOf(args);
  return {
    platform: hostOf(memory, machine, setups, path),
    machine,
    cdevs: new Map(setups.flatMap(({ cdev, bdf }) => (cdev === undefined ? [] : [[cdev, bdf] as const]))),
  };
}
