import { encode } from '../../spec/bits.ts';
import { decodeCommand } from '../../spec/smmuv3/command.ts';
import { idr0, StallModel } from '../../spec/smmuv3/id-registers.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { legalityOf } from '../../spec/vsmmu/guest-command.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';

/*
 * What the logs of VMMs other than QEMU say of the commands of a guest. They name few of them, and of those the opcode:
 * - cloud-hypervisor, devices/src/smmuv3.rs at 09af962541aa (2026-09): Smmuv3::dispatch_command() has at level debug
 *   "SMMUv3 ignoring command opcode {:#x}", for an opcode that it does not know, and goes on.
 * - OpenVMM, vm/devices/iommu/smmu/src/emulator.rs at 1488a37b7cfe (2026-08): SmmuEmulator::process_cmdq() has at level warn
 *   "smmu: unknown CMDQ opcode" with the field `opcode`, which open_enum! shows by its name if it has one and else by
 *   tracing_helpers' {:x?}, and stops with CERROR_ILL; and "smmu: TLBI_S12_VMALL is illegal on a stage-1-only SMMU", likewise.
 * Both decide by the opcode alone. Each message is from where it begins: what a log has before it is its format's.
 */

/** A command of a guest's, and whether its queue went on behind it. */
interface SaidCommand {
  readonly opcode: number;
  readonly done: boolean;
  readonly vmm: string;
}

const IGNORED = /^SMMUv3 ignoring command opcode 0x([0-9a-f]{1,2})$/;
const UNKNOWN = /^smmu: unknown CMDQ opcode (?:dropped_ratelimited=\S+ )?opcode=([0-9a-f]{1,2}|ATC_INV)$/;
const ATC_INV = 0x40;

/** What a line of a log says of a command; null: nothing that is certain. */
function commandSaid(text: string): SaidCommand | null {
  const ignored = IGNORED.exec(text)?.[1];
  if (ignored !== undefined)
    return { opcode: Number.parseInt(ignored, 16), done: true, vmm: 'cloud-hypervisor' };
  const unknown = UNKNOWN.exec(text)?.[1];
  if (unknown === undefined) return null;
  const opcode = unknown === 'ATC_INV' ? ATC_INV : Number.parseInt(unknown, 16);
  return { opcode, done: false, vmm: 'OpenVMM' };
}

/** No log has the ID registers: a command is judged only where all that there may be agree on it. */
const ALL_FEATURES = { ...EMULATED_REGISTERS, IDR0: 0xffff_ffff };
const [NOTHING = 0n] = encode(idr0, { STALL_MODEL: StallModel.NoStall });
const NO_FEATURES = { ...EMULATED_REGISTERS, IDR0: Number(NOTHING) };

/** The property that these lines decide. */
export const SAID_PROPERTY = 'commands-stop-as-architected';

/** What the log of a VMM says of where a guest's commands stop its queue. */
export class SaidCommands {
  /** The first that should have stopped it and did not, or the other way round. */
  violation: { readonly line: number; readonly text: string } | null = null;
  /** Whether one stopped it that should. */
  isWitnessed = false;

  note(text: string, line: number): void {
    const said = commandSaid(text);
    if (said === null) return;
    const words: CommandPair = [BigInt(said.opcode), 0n];
    const isIllegal = legalityOf(words, ALL_FEATURES) === 'illegal';
    const isLegal = legalityOf(words, NO_FEATURES) === 'legal';
    this.isWitnessed ||= !said.done && isIllegal;
    if (this.violation !== null) return;
    const name = decodeCommand(words)?.name ?? `opcode 0x${said.opcode.toString(16)}`;
    if (said.done && isIllegal)
      this.violation = { line, text: `${said.vmm} says that it goes on behind ${name}, which is no command` };
    if (!said.done && isLegal)
      this.violation = { line, text: `${said.vmm} says that it stops at ${name}, which is legal` };
  }
}
