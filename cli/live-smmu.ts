import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../checker/select/usage-error.ts';
import { rulesOf } from '../conformance/emulated/follower.ts';
import { labPlaces } from '../lab/places.ts';
import { QtestTarget } from '../live/smmu/target.ts';
import type { Target } from '../live/target.ts';
import type { Override } from '../model/rules.ts';
import type { Terminal } from './terminal.ts';

interface SmmuOptions {
  readonly vmm?: string;
  readonly kernel?: string;
  readonly kvm?: true;
}

/** The lab's QEMU or the user's, for its emulated SMMUv3. */
export async function smmuTarget(
  { vmm, kernel, kvm }: SmmuOptions,
  design: readonly Override[],
  terminal: Terminal,
): Promise<Target> {
  if (kernel !== undefined) throw new UsageError('--kernel: nothing runs on the machine of --target smmu');
  if (kvm !== undefined) throw new UsageError('--kvm: nothing runs on the machine of --target smmu');
  const program = vmm === undefined ? labPlaces(terminal.env).qemu : resolve(vmm);
  if (!(await isProgram(program)))
    throw new UsageError(
      vmm === undefined
        ? `live: ${program} is missing; run nestcheck lab setup --qemu`
        : `live: --vmm: ${vmm}: expected a program such as qemu-system-aarch64`,
    );
  return new QtestTarget(program, rulesOf(design).real);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
