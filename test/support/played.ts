import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseScript } from '../../checker/script/read.ts';
import { hexOfBytes } from '../../conformance/hex.ts';
import { labPlaces, labTree } from '../../lab/places.ts';
import { recorderProgram } from '../../lab/recorder.ts';
import { ioctlBytes } from '../../live/ioctl-bytes.ts';
import { bootWorld } from '../../model/boot.ts';
import { type Bindings, bindResult, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { intended, type Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import { ALL_IOCTLS, type Command, isIoctl, type Words } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { ERRNO } from '../../spec/errno.ts';
import { type StructTable, writeField } from '../../spec/struct.ts';
import { scopeByName } from '../../workload/scopes/index.ts';

/*
 * Programs that play a VMM, with the model in the kernel's place: their calls are real, what answers them is not, and the
 * recorder sees no difference.
 */

const run = promisify(execFile);

/** The player and the recorder, compiled. */
export interface Theatre {
  readonly recorder: string;
  readonly player: string;
  readonly folder: string;
}

export async function openTheatre(): Promise<Theatre> {
  const folder = await mkdtemp(join(tmpdir(), 'nestcheck-played-'));
  const player = join(folder, 'player');
  const source = join(labTree(), '..', 'test', 'lab', 'recorder', 'player.c');
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror'];
  await run('cc', [...flags, '-o', player, source, '-lpthread']);
  const recorder = await recorderProgram(labPlaces({ NESTCHECK_LAB: folder }), 'native', () => {});
  return { recorder, player, folder };
}

/** A folder that stands for / on a machine with these devices. */
export async function machineFolder({ folder }: Theatre, { devices }: Platform): Promise<string> {
  const root = await mkdtemp(join(folder, 'root-'));
  await mkdir(join(root, 'dev/vfio/devices'), { recursive: true });
  await writeFile(join(root, 'dev/iommu'), '');
  await writeFile(join(root, 'dev/eventfd'), '');
  for (const [at, { group, iommu }] of devices.entries()) {
    await writeFile(join(root, `dev/vfio/devices/vfio${at}`), new Uint8Array(4096));
    const device = join(root, 'sys/bus/pci/devices', bdfOf(at));
    await mkdir(join(device, 'vfio-dev', `vfio${at}`), { recursive: true });
    await symlink(`../../../kernel/iommu_groups/${group}`, join(device, 'iommu_group'));
    await symlink(`../../../arm-smmu-v3.${iommu}.auto`, join(device, 'iommu'));
    await writeFile(join(device, 'reset_method'), 'flr bus\n');
    await writeFile(join(device, 'resource'), '0x10000000 0x100fffff 0x40200\n');
    await writeFile(join(device, 'config'), configSpace());
  }
  return root;
}

function bdfOf(at: number): string {
  return `0000:00:${(at + 2).toString(16).padStart(2, '0')}.0`;
}

/** One MSI vector, an interrupt line, conventional PCI. */
function configSpace(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes[0x34] = 0x40;
  bytes[0x3d] = 1;
  bytes[0x40] = 5;
  return bytes;
}

/** What the player does for these steps (as for `nestcheck run`, its first line a scope), answered as by the model. Lines with ! are the player's own. */
export function playOf(
  text: string,
  rules: Rules = intended,
): { readonly play: string; readonly platform: Platform } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const { scope: name } = parseScript(lines[0] ?? '');
  const scope = scopeByName(name ?? '');
  if (scope === undefined) throw new Error('expected a scope');
  let world = bootWorld(scope.platform);
  let bindings: Bindings = NO_BINDINGS;
  const play: string[] = [];
  let waiting = false;
  for (const line of lines.slice(1)) {
    if (line.startsWith('!')) {
      play.push(line.slice(1).trim());
      continue;
    }
    const [call] = parseScript(`${lines[0]}\n${line}`).calls;
    if (call === undefined) continue;
    const command = resolveCall(call, bindings);
    const done = step(world, command, rules);
    if (command.command === 'smmuEvent') waiting = true;
    const own = command.actor === 'vmm:vm0';
    if (command.command === 'passFd') play.push('fork');
    else if (command.command === 'exit') play.push(...(own ? [] : ['end']));
    // What poll() finds is what a later read() gets.
    else if (command.command === 'poll' && waiting)
      play.push(`fill ${'00'.repeat(40)}`, `poll ${command.args.fd}`, `drain ${command.args.fd}`);
    else play.push(...operationsOf(command, done.result, scope.platform));
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
  }
  return { play: `${play.join('\n')}\n`, platform: scope.platform };
}

function operationsOf(command: Command, result: Result, { devices }: Platform): readonly string[] {
  if (isIoctl(command.command)) return ioctlOf(command, result);
  switch (command.command) {
    case 'openIommufd':
      return ['open /dev/iommu'];
    case 'openCdev':
      return [`open /dev/vfio/devices/vfio${devices.findIndex(({ id }) => id === command.args.device)}`];
    case 'openOther':
      return ['open /dev/eventfd'];
    case 'close':
      return [`close ${command.args.fd}`];
    case 'dup':
      return [`dup ${command.args.fd}`];
    case 'poll':
      return [`poll ${command.args.fd}`];
    case 'mmapBar':
      return [`map ${command.args.fd} 4096`];
    case 'munmapBar':
      return ['unmap'];
    case 'read':
      return [
        ...(result.ok ? [`fill ${dataOf(result, Number(result.out.count))}`] : []),
        `read ${command.args.fd} ${command.args.count}`,
      ];
    case 'exec':
      return ['exec'];
    case 'smmuEvent':
    case 'passFd':
    case 'exit':
      return [];
    default:
      throw new Error(`the player cannot ${command.command}`);
  }
}

function dataOf(result: Result, length: number): string {
  const bytes = new Uint8Array(length);
  const words = ((result.out as { data?: Words }).data ?? []).entries();
  for (const [at, word] of words)
    for (let i = 0; i < 8 && 8 * at + i < length; i++)
      bytes[8 * at + i] = Number((word >> BigInt(8 * i)) & 0xffn);
  return hexOfBytes(bytes);
}

function ioctlOf(command: Command, result: Result): readonly string[] {
  const table: StructTable & { readonly nr: number } = ALL_IOCTLS[command.command as keyof typeof ALL_IOCTLS];
  const args = command.args as never as Readonly<Record<string, never>>;
  const { bytes, buffers } = ioctlBytes(command.command as keyof typeof ALL_IOCTLS, args);
  const out = bytes.slice();
  for (const [name, field] of Object.entries(table.fields)) {
    const value = result.out[name];
    if (field.direction !== 'in' && (typeof value === 'number' || typeof value === 'bigint'))
      writeField(out, field, value);
  }
  const ret = result.ok ? Number(result.out.ret ?? 0) : -1;
  const given = buffers.map((buffer) => ` b ${buffer.offset} ${hexOfBytes(buffer.bytes) || '-'}`).join('');
  const left = buffers.map(({ bytes: before, offset }) => {
    const field = Object.values(table.fields).find((each) => each.offset === offset);
    const written = field !== undefined && 'buffer' in field && field.buffer !== 'in' && 'data' in result.out;
    return ` o ${(written ? dataOf(result, before.length) : hexOfBytes(before)) || '-'}`;
  });
  const fd = (command.args as { readonly fd: number }).fd;
  const answer = `= ${ret} ${result.ok ? 0 : ERRNO[result.errno]} ${hexOfBytes(out) || '-'}${left.join('')}`;
  const queue =
    result.ok && Object.values(table.fields).some((field) => 'makes' in field && field.makes === 'fd');
  return [
    ...(queue ? ['queue'] : []),
    `ioctl ${fd} ${table.nr.toString(16)} ${hexOfBytes(bytes) || '-'}${given} ${answer}`,
  ];
}

/** Plays a VMM under the recorder; gives the recording. */
export async function recordPlay(theatre: Theatre, play: string, platform: Platform): Promise<string> {
  const root = await machineFolder(theatre, platform);
  const output = join(root, 'recording.jsonl');
  const args = ['-o', output, '--root', root, '--every-call', '--', theatre.player, 'play'];
  await withInput(theatre.recorder, args, play, { ROOT: root });
  return output;
}

/** Runs a program on a text. */
export async function withInput(
  program: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const running = run(program, [...args], { env: { ...process.env, ...env } });
  running.child.stdin?.end(input);
  await running;
}
