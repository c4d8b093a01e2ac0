import type { Machine } from '../world/machine.ts';
import { LEGACY_COMMANDS } from './command.ts';
import { LEGACY_HANDLERS } from './handlers.ts';
import { bootLegacy } from './machine.ts';

/** VFIO's old containers, and IOMMUs and groups of their own. */
export const legacy = {
  name: 'legacy',
  commands: LEGACY_COMMANDS,
  handlers: LEGACY_HANDLERS,
  boot: ({ legacy: hardware }) => ({ legacy: hardware === undefined ? null : bootLegacy(hardware) }),
} satisfies Machine;
