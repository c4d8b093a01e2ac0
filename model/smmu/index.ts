import './machine/effects.ts';
import type { Machine } from '../world/machine.ts';
import { smmuArchitecturePoints } from './architecture/rules.ts';
import { smmuDriverPoints } from './driver/rules.ts';
import { EMULATED_COMMANDS } from './emulated/command.ts';
import { bootEmulated } from './emulated/emulated.ts';
import { EMULATED_HANDLERS } from './emulated/handle.ts';
import { bootMachine } from './machine/boot.ts';
import { MACHINE_COMMANDS } from './machine/command.ts';
import { guestWriteCd, guestWritePte } from './machine/guest.ts';
import {
  hostDelayEvents,
  hostDisable,
  hostInterrupt,
  hostProceed,
  hostReadEvents,
  hostReset,
  SETTLED,
} from './machine/host.ts';
import { smmuMachinePoints } from './machine/rules.ts';
import { settle } from './machine/settle.ts';

/** SMMUv3: what its driver writes and flushes, what its caches may hold, DMA through it. */
export const smmu = {
  name: 'smmu',
  commands: MACHINE_COMMANDS,
  handlers: {
    guestWriteCd,
    guestWritePte,
    hostInterrupt,
    hostProceed,
    hostDisable,
    hostReset,
    hostDelayEvents,
    hostReadEvents,
  },
  rules: {
    smmuDriver: smmuDriverPoints,
    smmuMachine: smmuMachinePoints,
    smmuArchitecture: smmuArchitecturePoints,
  },
  // Tables, caches and guests' memory hold addresses and tags.
  facts: ['machine'],
  boot: (platform) => ({
    machine:
      platform.caches === true && platform.iommus.some(({ kind }) => kind === 'smmuv3')
        ? bootMachine(platform)
        : null,
  }),
  settle(before, tx, command) {
    if (before.machine === null || SETTLED.has(command)) return;
    if (tx.world !== before || tx.effects.length > 0) settle(before, tx);
  },
} satisfies Machine;

/** An SMMUv3 that a VMM emulates, bit by bit, without a kernel behind it. */
export const emulatedSmmu = {
  name: 'smmu/emulated',
  commands: EMULATED_COMMANDS,
  handlers: EMULATED_HANDLERS,
  facts: ['emulated'],
  boot: ({ emulated }) => ({ emulated: emulated === undefined ? null : bootEmulated(emulated) }),
} satisfies Machine;
