import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entriesBelow } from './entries.ts';
import { bootGuest } from './guest.ts';
import { initramfs } from './initramfs.ts';
import { IortError, withCanwbs } from './iort.ts';
import { LAB_MACHINES, type LabMachine } from './machine.ts';
import type { ArchiveEntry } from './newc.ts';
import { type LabPlaces, labTree } from './places.ts';
import { recorderProgram } from './recorder.ts';
import { LabError, type Say, script } from './script.ts';

export interface SetupOptions {
  /** A built kernel; null: one is built. */
  readonly kernel: string | null;
  /** A kernel source tree; null: Debian's newest. */
  readonly source: string | null;
  /** Configuration fragments on top of the lab's own. */
  readonly fragments: readonly string[];
  /** The name that the kernel gets in the lab. */
  readonly name: string;
  /** Whether VMMs are to run in its guests: the kernel gets KVM, and a guest QEMU and the recorder. */
  readonly vmm: boolean;
}

/** Makes what is missing of the lab; what is there is left, so an interrupted setup goes on where it was. */
export async function setUp(places: LabPlaces, options: SetupOptions, say: Say): Promise<void> {
  await mkdir(places.cache, { recursive: true });
  const builds = options.kernel === null;
  await script(
    'packages.sh',
    ['install', ...(builds ? ['kernel'] : []), ...(options.vmm ? ['vmm'] : [])],
    places,
    say,
  );
  await script('qemu.sh', [], places, say);
  await script('agent.sh', [places.agent, 'arm64'], places, say);
  await makeKernel(places, options, say);
  for (const machine of LAB_MACHINES) await makeInitramfs(places, machine, options.name, say);
  if (options.vmm) await setUpVmms(places, say);
}

/** QEMU alone, for what needs no kernel. */
export async function setUpQemu(places: LabPlaces, say: Say): Promise<void> {
  await mkdir(places.cache, { recursive: true });
  await script('qemu.sh', [], places, say);
}

/** What a guest needs in which VMMs run. Nested machines only: without stage 2 there is nothing for them to do. */
async function setUpVmms(places: LabPlaces, say: Say): Promise<void> {
  await script('vmm.sh', [], places, say);
  await script('driver.sh', [places.driver], places, say);
  const recorder = await recorderProgram(places, 'arm64', say);
  const files: readonly ArchiveEntry[] = [
    ...(await entriesBelow(places.vmmRoot)),
    { name: 'bin/nestcheck-recorder', content: await readFile(recorder), executable: true },
    // To be recorded itself: what it says that it did is what the recorder must have seen.
    { name: 'bin/nestcheck-agent', content: await readFile(places.agent), executable: true },
  ];
  const driver = await readFile(places.driver);
  for (const { name } of LAB_MACHINES.filter(({ nests }) => nests)) {
    const path = places.vmmInitramfs(name);
    await writeFile(`${path}.new`, initramfs(await readFile(places.iort(name)), driver, files));
    await rename(`${path}.new`, path);
  }
}

async function makeKernel(places: LabPlaces, options: SetupOptions, say: Say): Promise<void> {
  const image = places.kernel(options.name);
  if (options.kernel !== null) {
    await readable(options.kernel, 'a kernel image (arch/arm64/boot/Image)');
    await mkdir(dirname(image), { recursive: true });
    await copyFile(options.kernel, `${image}.new`);
    await rename(`${image}.new`, image);
    return;
  }
  const asIs = options.source === null && options.fragments.length === 0;
  if (asIs && (await exists(image)) && (!options.vmm || (await runsVmms(image)))) {
    say(`the kernel is there: ${image}`);
    return;
  }
  const source = options.source === null ? [] : ['--source', options.source];
  const own = options.vmm ? [join(labTree(), 'kernel', 'vmm.config')] : [];
  const fragments = [...own, ...options.fragments].flatMap((file) => ['--config', file]);
  await script('kernel.sh', ['--name', options.name, ...source, ...fragments], places, say);
}

/** Whether a kernel of the lab was built with KVM; of one that was built elsewhere it is not known, and believed. */
async function runsVmms(image: string): Promise<boolean> {
  const config = join(dirname(image), 'build', '.config');
  const text = await readFile(config, 'utf8').catch(() => 'CONFIG_KVM=y');
  return /^CONFIG_KVM=y$/m.test(text);
}

/** A guest is booted once to read its firmware's IORT; from then on it starts with the changed one. */
async function makeInitramfs(
  places: LabPlaces,
  machine: LabMachine,
  kernel: string,
  say: Say,
): Promise<void> {
  const path = places.initramfs(machine.name);
  const table = places.iort(machine.name);
  const agent = await readFile(places.agent);
  await mkdir(dirname(path), { recursive: true });
  if (!(await exists(table))) {
    say(`reading the IORT of ${machine.name}`);
    await writeFile(path, initramfs(null, agent));
    const guest = await bootGuest({
      places,
      machine,
      kernel: places.kernel(kernel),
      initramfs: path,
      processors: 1,
      accelerator: 'tcg',
      name: `setup-${machine.name}`,
    });
    try {
      const iort = await guest.channel.iort();
      if (iort === null)
        throw new LabError(`${machine.name}: the guest has no IORT: does the kernel have ACPI_IORT?`);
      await writeFile(`${table}.new`, withCanwbs(iort));
      await rename(`${table}.new`, table);
    } catch (error) {
      throw error instanceof IortError ? new LabError(`${machine.name}: ${error.message}`) : error;
    } finally {
      await guest.stop();
    }
  }
  await writeFile(`${path}.new`, initramfs(await readFile(table), agent));
  await rename(`${path}.new`, path);
}

/** Deletes everything that the lab made. */
export async function removeLab(places: LabPlaces): Promise<void> {
  await rm(places.cache, { recursive: true, force: true });
}

/** Whether a lab with this kernel (null: one from elsewhere) is there; what is missing, in words, where not. */
export async function missingOf(
  places: LabPlaces,
  kernel: string | null,
  machine: string,
  initramfs: string = places.initramfs(machine),
): Promise<string | null> {
  const pieces: readonly (readonly [string, string])[] = [
    [places.qemu, 'no QEMU'],
    ...(kernel === null ? [] : [[places.kernel(kernel), `no kernel ${kernel}`] as const]),
    [initramfs, `no initramfs for ${machine}`],
  ];
  for (const [path, what] of pieces) if (!(await exists(path))) return `${what} in the lab (${path})`;
  return null;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.size > 0,
    () => false,
  );
}

async function readable(path: string, what: string): Promise<void> {
  if (!(await exists(path))) throw new LabError(`${path}: expected ${what}`);
}
