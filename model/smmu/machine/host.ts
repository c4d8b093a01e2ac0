import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import type { CommandArgs, CommandName } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import { SYNC } from '../driver/flush.ts';
import { delayEventQueue, queueOf, readEventQueue } from './event-queue.ts';
import { withMachine } from './hardware.ts';
import type { Machine, MachineAction, SmmuRegisters } from './machine.ts';
import { viewOf } from './view-of.ts';
import { completed, proceed, undertake } from './work.ts';

/**
 * Commands that leave the caches as they have to be; for all others that follows from what they changed. What a DMA may put
 * into caches they may hold already (`view.ts`), and the event that it causes needs no driver.
 */
export const SETTLED: ReadonlySet<string> = new Set([
  'hostInterrupt',
  'hostProceed',
  'hostDisable',
  'hostReset',
  'hostDelayEvents',
  'hostReadEvents',
  'dma',
] satisfies CommandName[]);

/** The machine, if the host acts on one that there is. */
function machineOf(tx: Tx, actor: string): Machine | null {
  return actor === 'host' ? tx.world.machine : null;
}

/** The scheduler takes the processor from the next call that makes the driver work, before it begins with that. */
export function hostInterrupt(tx: Tx, _args: CommandArgs['hostInterrupt'], actor: string): Result {
  const machine = machineOf(tx, actor);
  if (machine === null) return refused('ENODEV');
  if (machine.interrupts || machine.work !== null) return refused('EBUSY');
  tx.world = withMachine(tx.world, { interrupts: true });
  return done();
}

/** The call that was interrupted goes on for one write, or one batch of commands and its SYNC. Says which of how many. */
export function hostProceed(tx: Tx, _args: CommandArgs['hostProceed'], actor: string): Result {
  const work = machineOf(tx, actor)?.work ?? null;
  if (work === null) return refused('ENODEV');
  tx.world = proceed(tx.world, work, tx.rules.smmuMachine, tx.effects);
  return done({ piece: work.total - work.left.length + 1, of: work.total });
}

/** The driver switches a pSMMU off, as on shutdown (arm_smmu_device_disable()). */
export function hostDisable(tx: Tx, { smmu }: CommandArgs['hostDisable'], actor: string): Result {
  const registers = machineOf(tx, actor)?.registers[smmu];
  if (registers === undefined) return refused('ENODEV');
  return act(tx, switchedOff(smmu, registers, tx.rules.smmuMachine.disableAborts));
}

/** The driver sets a pSMMU up anew, as after a resume: off, nothing cached, on (arm_smmu_device_reset()). */
export function hostReset(tx: Tx, { smmu }: CommandArgs['hostReset'], actor: string): Result {
  const registers = machineOf(tx, actor)?.registers[smmu];
  if (registers === undefined) return refused('ENODEV');
  const off = switchedOff(smmu, registers, true);
  const aborts = registers.enabled || registers.aborts;
  const everything: readonly MachineAction[] = [
    { kind: 'issue', smmu, commands: [encodeCommand('CFGI_STE_RANGE', { Range: 31 }), SYNC] },
    { kind: 'issue', smmu, commands: [encodeCommand('TLBI_NSNH_ALL'), SYNC] },
  ];
  return act(tx, [
    ...off,
    ...(tx.rules.smmuMachine.resetEmptiesCaches ? everything : []),
    { kind: 'writeRegisters', smmu, registers: { enabled: true, aborts } },
  ]);
}

/** What is on is switched off; `aborts`: only after GBPA says that traffic aborts then. */
function switchedOff(smmu: number, registers: SmmuRegisters, aborts: boolean): readonly MachineAction[] {
  if (!registers.enabled) return [];
  const before: SmmuRegisters = { enabled: true, aborts: registers.aborts || aborts };
  return [
    ...(before.aborts === registers.aborts
      ? []
      : [{ kind: 'writeRegisters', smmu, registers: before } as const]),
    { kind: 'writeRegisters', smmu, registers: { ...before, enabled: false } },
  ];
}

function act(tx: Tx, actions: readonly MachineAction[]): Result {
  const world = completed(tx.world, tx.rules.smmuMachine, tx.effects);
  const { driver } = world.machine as Machine;
  tx.world = undertake(world, viewOf(world).entries, driver, actions, tx.rules.smmuMachine, tx.effects);
  return done();
}

/** The thread that reads a pSMMU's event queue is kept from running. */
export function hostDelayEvents(tx: Tx, { smmu }: CommandArgs['hostDelayEvents'], actor: string): Result {
  if (machineOf(tx, actor)?.eventQueues[smmu] === undefined) return refused('ENODEV');
  if (queueOf(tx, smmu).delayed) return refused('EBUSY');
  delayEventQueue(tx, smmu);
  return done();
}

/** The thread runs. Says how many records it read, and whether more were lost. */
export function hostReadEvents(tx: Tx, { smmu }: CommandArgs['hostReadEvents'], actor: string): Result {
  if (machineOf(tx, actor)?.eventQueues[smmu] === undefined) return refused('ENODEV');
  const { records, overflowed } = readEventQueue(tx, smmu);
  return done({ records: records.length, overflowed: Number(overflowed) });
}
