import type { Machine } from '../world/machine.ts';
import { LEGACY_COMMANDS } from './command.ts';
import { LEGACY_HANDLERS } from './handlers.ts';
import { bootLegacy } from './machine.ts';
import { legacyPoints } from './rules.ts';

/** VFIO's old containers, and IOMMUs and groups of their own. */
export const legacy = {
  name: 'legacy',
  commands: LEGACY_COMMANDS,
  handlers: LEGACY_HANDLERS,
  rules: { legacy: legacyPoints },
  facts: ['legacy'],
  boot: ({ legacy: hardware }) => ({ legacy: hardware === undefined ? null : bootLegacy(hardware) }),
} satisfies Machine;
