import './driver/effects.ts';
import type { Machine } from '../world/machine.ts';
import { vtdArchitecturePoints } from './architecture/rules.ts';
import { vtdPoints } from './driver/rules.ts';
import { EMULATED_VTD_COMMANDS } from './emulated/command.ts';
import { bootEmulatedVtd } from './emulated/emulated.ts';
import { EMULATED_VTD_HANDLERS } from './emulated/handle.ts';
import { bootVtd } from './machine/boot.ts';
import { settleVtd } from './machine/settle.ts';

/** DMA remapping units of VT-d: what their driver writes and flushes, what their caches may hold. */
export const vtd = {
  name: 'vtd',
  commands: {},
  handlers: {},
  rules: { vtd: vtdPoints, vtdArchitecture: vtdArchitecturePoints },
  facts: ['vtd'],
  boot: (platform) => ({
    vtd:
      platform.caches === true && platform.iommus.some(({ kind }) => kind === 'vtd')
        ? bootVtd(platform)
        : null,
  }),
  settle(before, tx) {
    if (before.vtd !== null && (tx.world !== before || tx.effects.length > 0)) settleVtd(before, tx);
  },
} satisfies Machine;

/** A remapping unit that a VMM emulates, register by register, without a kernel behind it. */
export const emulatedVtd = {
  name: 'vtd/emulated',
  commands: EMULATED_VTD_COMMANDS,
  handlers: EMULATED_VTD_HANDLERS,
  facts: ['emulatedVtd'],
  boot: ({ emulatedVtd }) => ({
    emulatedVtd: emulatedVtd === undefined ? null : bootEmulatedVtd(emulatedVtd),
  }),
} satisfies Machine;
