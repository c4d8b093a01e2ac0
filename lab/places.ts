import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What the environment says of where things are kept. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder below which everything lies that the lab makes; the same as in scripts/common.sh. */
export function labCache(env: Environment): string {
  return env.NESTCHECK_LAB ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nestcheck-lab');
}

/** The folder with the scripts and the agent's source, in a checkout as in an installed package. */
export function labTree(): string {
  return join(dirname(createRequire(import.meta.url).resolve('nestcheck/package.json')), 'lab');
}

/** Where the pieces of a lab are. */
export interface LabPlaces {
  readonly cache: string;
  readonly qemu: string;
  /** The one for PCs. */
  readonly qemuX86: string;
  readonly firmware: string;
  readonly agent: string;
  /** The folder with recorders (`recorder.ts`). */
  readonly recorder: string;
  /** What drives a VMM in a guest, and the files of that guest: QEMU for arm64 and its libraries. */
  readonly driver: string;
  readonly vmmRoot: string;
  /** The kernel of a name; `default` is what `setup` makes where nothing is said. */
  readonly kernel: (name: string) => string;
  /** The archive that a guest of a machine starts from. */
  readonly initramfs: (machine: string) => string;
  /** The same for a guest in which VMMs run. */
  readonly vmmInitramfs: (machine: string) => string;
  /** A machine's IORT, with CANWBS. */
  readonly iort: (machine: string) => string;
  readonly runs: string;
}

export function labPlaces(env: Environment): LabPlaces {
  const cache = labCache(env);
  return {
    cache,
    qemu: join(cache, 'qemu', 'qemu-system-aarch64'),
    qemuX86: join(cache, 'qemu', 'qemu-system-x86_64'),
    firmware: join(cache, 'qemu', 'QEMU_EFI.fd'),
    agent: join(cache, 'agent', 'arm64'),
    recorder: join(cache, 'recorder'),
    driver: join(cache, 'vmm', 'driver'),
    vmmRoot: join(cache, 'vmm', 'root'),
    kernel: (name) => join(cache, 'kernel', name, 'Image'),
    initramfs: (machine) => join(cache, 'initramfs', `${machine}.cpio`),
    vmmInitramfs: (machine) => join(cache, 'initramfs', `${machine}-vmm.cpio`),
    iort: (machine) => join(cache, 'initramfs', `${machine}.iort.aml`),
    runs: join(cache, 'runs'),
  };
}
