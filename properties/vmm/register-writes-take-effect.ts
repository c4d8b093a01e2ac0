import { type ControlName, guardedBy, isControlName, isWide } from '../../model/vmm/control.ts';
import type { Vsmmu } from '../../model/vmm/vm.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

interface Written {
  readonly register: Exclude<ControlName, 'CR0' | 'GBPA'>;
  readonly old: Vsmmu;
  readonly now: Vsmmu;
  readonly value: bigint;
  readonly half: number;
}

/** A guest's write to a control register; null for other steps. */
function writtenBy(transition: Transition): Written | null {
  const args = argsOf(transition, 'writeRegister');
  if (args === null || !transition.result.ok || !isControlName(args.register)) return null;
  const { register, value, half } = args;
  if (register === 'CR0' || register === 'GBPA') return null;
  const old = vmOfCommand(transition.before, transition)?.vsmmus[args.vsmmu];
  const now = vmOfCommand(transition.world, transition)?.vsmmus[args.vsmmu];
  return old === undefined || now === undefined ? null : { register, old, now, value, half };
}

const LOW = 0xffff_ffffn;

function expected({ register, old, value, half }: Written): bigint {
  const before = BigInt(old.control[register]);
  if ((guardedBy(register) & old.cr0) !== 0) return before;
  if (!isWide(register)) return value & LOW;
  if (half === 0) return value;
  return half === 1 ? (before & ~LOW) | (value & LOW) : (before & LOW) | ((value & LOW) << 32n);
}

export const registerWritesTakeEffect: StepProperty = {
  id: 'register-writes-take-effect',
  sentence:
    "A guest's write to a register takes effect, also to half of a 64-bit register. A register that is in use keeps its value.",
  source: 'IHI0070 6.3 ("Guarded by": STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE and others), 6.2 (32-bit accesses)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'guarded-registers-written',
  violated(transition) {
    const written = writtenBy(transition);
    if (written === null) return null;
    const { register, now } = written;
    const value = BigInt(now.control[register]);
    const right = expected(written);
    if (value === right) return null;
    return `${register} is 0x${value.toString(16)} after the write, and should be 0x${right.toString(16)}`;
  },
  witness: (transition) => writtenBy(transition) !== null,
};
