import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { selectNames } from '../checker/select/by-name.ts';
import { UsageError } from '../checker/select/usage-error.ts';
import { rulesOf } from '../conformance/emulated/follower.ts';
import { labPlaces } from '../lab/places.ts';
import type { QtestMachine } from '../live/emulated/machine.ts';
import { QtestTarget } from '../live/emulated/target.ts';
import { SMMU_MACHINE } from '../live/smmu/machine.ts';
import type { Target } from '../live/target.ts';
import { VTD_MACHINES } from '../live/vtd/machine.ts';
import type { Override } from '../model/rules.ts';
import type { Terminal } from './terminal.ts';

/** What QEMU emulates, and is driven over qtest. */
export type QtestKind = 'smmu' | 'vtd';

interface QtestOptions {
  readonly target: string;
  readonly vmm?: string;
  readonly kernel?: string;
  readonly kvm?: true;
  readonly machine?: string;
}

export function isQtest(target: string): target is QtestKind {
  return target === 'smmu' || target === 'vtd';
}

/** The machine with what is searched: for an SMMUv3 there is one. @throws UsageError */
export function qtestMachine(kind: QtestKind, name: string | undefined): QtestMachine {
  if (kind === 'vtd') {
    const [machine] = selectNames('machine', VTD_MACHINES, (each) => each.name, [name ?? 'scalable-first']);
    if (machine === undefined) throw new Error('a selection of one name is one thing');
    return machine;
  }
  if (name !== undefined) throw new UsageError('--machine: --target smmu has one machine');
  return SMMU_MACHINE;
}

/** The lab's QEMU or the user's, for what it emulates. */
export async function qtestTarget(
  kind: QtestKind,
  { vmm, kernel, kvm, machine }: QtestOptions,
  design: readonly Override[],
  terminal: Terminal,
): Promise<Target> {
  if (kernel !== undefined) throw new UsageError(`--kernel: nothing runs on the machine of --target ${kind}`);
  if (kvm !== undefined) throw new UsageError(`--kvm: nothing runs on the machine of --target ${kind}`);
  const chosen = qtestMachine(kind, machine);
  const places = labPlaces(terminal.env);
  const program = vmm === undefined ? { smmu: places.qemu, vtd: places.qemuX86 }[kind] : resolve(vmm);
  if (!(await isProgram(program)))
    throw new UsageError(
      vmm === undefined
        ? `live: ${program} is missing; run nestcheck lab setup --qemu`
        : `live: --vmm: ${vmm}: expected a program such as ${chosen.program}`,
    );
  return new QtestTarget(program, chosen, (platform) => rulesOf(design, platform).real);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
