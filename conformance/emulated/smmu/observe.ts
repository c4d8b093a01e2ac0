import type { EmulatedHardware } from '../../../model/platform/emulated.ts';
import { guestHalf } from '../../../model/platform/guest-memory.ts';
import { cmdqConsOf } from '../../../model/smmu/qemu/command.ts';
import { eventqProdOf } from '../../../model/smmu/qemu/event-queue.ts';
import type { Step } from '../../../model/step.ts';
import type { Command, CommandArgs } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import { hexOf } from '../hex-of.ts';
import type { Seen } from '../lines.ts';

/** What is to be seen behind a step of the model. What no observer can tell, as memory that has no content, is left out. */
export function seenOf(before: World, command: Command, { world, result }: Step): Seen {
  const { emulated, platform } = world;
  if (emulated === null || platform.emulated === undefined)
    throw new Error('a platform with an emulated SMMUv3');
  if (result.ok && result.out.ends === 1) return { ends: 'died' };
  const { smmu } = emulated;
  const registers: Seen = {
    ends: 'no',
    GERROR: hexOf(smmu.gerror),
    CMDQ_CONS: hexOf(cmdqConsOf(smmu)),
    EVENTQ_PROD: hexOf(eventqProdOf(smmu)),
  };
  if (command.command !== 'emulatedDma') return registers;
  const queued =
    emulated.events.length > (before.emulated?.events.length ?? 0) ? emulated.events.at(-1) : null;
  const address = result.ok ? (result.out.address as bigint | undefined) : undefined;
  return {
    ...registers,
    event: queued == null ? 'none' : queued.map(hexOf).join(' '),
    ...landing(platform.emulated, emulated.memory, command.args, address),
  };
}

/** What a device read, and where what it wrote is; nothing is known of what is no memory. */
function landing(
  hardware: EmulatedHardware,
  memory: Readonly<Record<string, bigint>>,
  { write }: CommandArgs['emulatedDma'],
  address: bigint | undefined,
): Pick<Seen, 'value' | 'landed'> {
  if (address === undefined) return write ? { landed: 'nowhere' } : { value: '0x0' };
  const half = guestHalf(hardware, memory, address);
  if (half === undefined) return {};
  return write ? { landed: hexOf(address) } : { value: hexOf(half) };
}
