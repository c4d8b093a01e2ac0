import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesBelow } from './entries.ts';
import { newcArchive } from './newc.ts';
import type { LabPlaces } from './places.ts';
import { LabError } from './script.ts';

const QEMU = 'bin/qemu-system-aarch64';

/**
 * An initramfs with another QEMU: archives that follow each other are unpacked over each other. `given` is the program, or
 * a folder that has it as bin/qemu-system-aarch64, with its libraries.
 * @throws LabError where it is neither.
 */
export async function initramfsWith(
  places: LabPlaces,
  initramfs: string,
  given: string,
  name: string,
): Promise<string> {
  const found = await stat(given).catch(() => null);
  if (found === null) throw new LabError(`--vmm: ${given}: expected a program, or a folder with ${QEMU}`);
  const entries = found.isDirectory()
    ? await entriesBelow(given)
    : [{ name: QEMU, content: await readFile(given), executable: true as const }];
  const program = entries.find((entry) => entry.name === QEMU)?.content;
  if (program == null || !isArm64(program))
    throw new LabError(`--vmm: ${given}: expected ${QEMU}, a program for arm64`);
  await mkdir(places.runs, { recursive: true });
  const path = join(places.runs, `${name}.cpio`);
  await writeFile(path, Buffer.concat([await readFile(initramfs), newcArchive(entries)]));
  return path;
}

/** EM_AARCH64 in the header of an ELF file. */
function isArm64(program: Uint8Array): boolean {
  const [elf, machine] = [Buffer.from(program.subarray(0, 4)).toString('latin1'), 18];
  return elf === '\x7fELF' && program[machine] === 183;
}
