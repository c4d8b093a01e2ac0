import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initramfs } from './initramfs.ts';
import { type LabMachine, qemuArguments } from './machine.ts';
import type { LabPlaces } from './places.ts';
import { LabError, type Say, script } from './script.ts';

/** A program to be run in a guest. */
export interface Program {
  /** Tells it apart from the others of a run. */
  readonly name: string;
  /** A C source. */
  readonly source: string;
  /** Devices whose files are its arguments, as the machine names them. */
  readonly devices: readonly string[];
}

/** How a program went. */
export interface ProgramEnd {
  readonly name: string;
  /** Its exit status; null: it died of a signal, or the guest ended before it did. */
  readonly status: number | null;
  /** What it, and the kernel meanwhile, said. */
  readonly said: string;
}

/** A program has a minute; the guest, time to boot on a busy machine. */
const MS = { boot: 180_000, program: 60_000 } as const;

/** Compiles programs for the guest, boots it with them, and tells how each went. */
export async function runPrograms(
  places: LabPlaces,
  { machine, kernel }: { readonly machine: LabMachine; readonly kernel: string },
  programs: readonly Program[],
  say: Say,
): Promise<readonly ProgramEnd[]> {
  const folder = join(places.runs, `run-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const init = join(folder, 'runner');
    await script('program.sh', [init, 'runner'], places, say);
    const names = programs.map(({ devices }, index) => nameOf(index, devices, machine));
    for (const [index, { source }] of programs.entries())
      await script('program.sh', [join(folder, names[index] ?? ''), source], places, say);
    const binaries = await Promise.all(
      names.map(async (name) => ({
        name: `programs/${name}`,
        content: await readFile(join(folder, name)),
        executable: true as const,
      })),
    );
    const files = {
      firmware: places.firmware,
      kernel,
      initramfs: join(folder, 'initramfs.cpio'),
      console: join(folder, 'console'),
    };
    const iort = await readFile(places.iort(machine.name));
    const entries = [{ name: 'programs', content: null }, ...binaries];
    await writeFile(files.initramfs, initramfs(iort, await readFile(init), entries));
    const guest = { processors: 1, accelerator: 'tcg' } as const;
    await untilItEnds(
      places.qemu,
      qemuArguments(machine, files, guest),
      MS.boot + MS.program * programs.length,
    );
    const console = await readFile(files.console, 'latin1').catch(() => '');
    if (!console.includes('nestcheck-run '))
      throw new LabError(`no program ran; the last that the guest said: ${lastLine(console)}`);
    return programs.map(({ name }, index) => ({ name, ...endOf(names[index] ?? '', console) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In order, and with the numbers of its devices, as lab/runner/main.c reads it. */
function nameOf(index: number, devices: readonly string[], machine: LabMachine): string {
  const numbers = devices.map((device) => machine.devices.indexOf(device));
  return [`p${String(index).padStart(3, '0')}`, ...numbers].join(',');
}

/** What a console says of one program. */
export function endOf(name: string, console: string): Pick<ProgramEnd, 'status' | 'said'> {
  const lines = console.split(/\r?\n/);
  const from = lines.indexOf(`nestcheck-run ${name}`);
  if (from < 0) return { status: null, said: '' };
  const told = new RegExp(`^nestcheck-run ${name} (ended|died) (\\d+)$`);
  const to = lines.findIndex((line) => told.test(line));
  const parts = told.exec(lines[to] ?? '');
  const said = lines
    .slice(from + 1, to < 0 ? undefined : to)
    .map((line) => line.replaceAll(/[^\x20-\x7e]/g, ''));
  return { status: parts?.[1] === 'ended' ? Number(parts[2]) : null, said: said.join('\n') };
}

function lastLine(console: string): string {
  const lines = console.split('\n').map((line) => line.replaceAll(/[^\x20-\x7e]/g, '').trim());
  return lines.filter((line) => line !== '').at(-1) ?? 'nothing';
}

async function untilItEnds(command: string, args: readonly string[], ms: number): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const late = setTimeout(() => child.kill('SIGKILL'), ms);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', (error) => reject(new LabError(`QEMU does not start: ${error.message}`)));
      child.on('close', () => resolve());
    });
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
  }
}
