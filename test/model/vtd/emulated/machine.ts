import { VTD_MACHINES } from '../../../../live/vtd/machine.ts';
import { bootWorld } from '../../../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../../../model/call.ts';
import type { Platform } from '../../../../model/platform/platform.ts';
import type { Rules } from '../../../../model/rules.ts';
import { step } from '../../../../model/step.ts';
import type { EmulatedVtd } from '../../../../model/vtd/emulated/emulated.ts';

/** CAP and ECAP of QEMU 11.1.3's unit, by the names of its machines. */
const REGISTERS: Readonly<Record<string, { readonly cap: bigint; readonly ecap: bigint }>> = {
  'scalable-first': { cap: 0x81d2008c222f0606n, ecap: 0x880000f00f4an },
  'scalable-second': { cap: 0x80d2008c222f0606n, ecap: 0x480000f00f4an },
  'legacy-48': { cap: 0x80d2008c222f0606n, ecap: 0xf00f4an },
  'legacy-39': { cap: 0x80d2008c22260206n, ecap: 0xf00f4an },
};

export function vtdPlatform(name: string): Platform {
  const machine = VTD_MACHINES.find((each) => each.name === name);
  const registers = REGISTERS[name];
  if (machine === undefined || registers === undefined) throw new Error(`no machine ${name}`);
  return machine.platformWith(registers);
}

export const guest = (command: Call['command'], args: Call['args']): Call => ({
  actor: 'guest:vm0',
  command,
  args,
});
export const write = (register: string, value: bigint): Call => guest('vtdWrite', { register, value });
export const store = (address: bigint, ...words: bigint[]): Call => guest('vtdStore', { address, words });
export const descriptors = (...words: bigint[]): Call => guest('vtdDescriptors', { words });
export const dma = (source: number, iova: bigint, isWrite = false): Call => ({
  actor: 'device:dev0',
  command: 'vtdDma',
  args: { source, iova, write: isWrite },
});

/** What becomes of a machine: its unit and memory, and the answer to the last call. */
export function run(
  platform: Platform,
  calls: readonly Call[],
  rules: Rules,
): { readonly state: EmulatedVtd; readonly out: Readonly<Record<string, unknown>> } {
  let world = bootWorld(platform);
  let out: Readonly<Record<string, unknown>> = {};
  for (const call of calls) {
    const { world: after, result } = step(world, resolveCall(call, NO_BINDINGS), rules);
    if (!result.ok) throw new Error(`${call.command}: ${result.errno}`);
    world = after;
    out = result.out;
  }
  if (world.emulatedVtd === null) throw new Error('a platform with an emulated remapping unit');
  return { state: world.emulatedVtd, out };
}
