import type { Machine } from '../world/machine.ts';
import { MSI_CALLS } from './calls.ts';
import { MSI_COMMANDS } from './command.ts';
import { fireMsi } from './fire.ts';
import { moveInterrupt } from './move.ts';
import { msiPoints } from './rules.ts';

/** Doorbells, messages, and who maps them. */
export const msi = {
  name: 'msi',
  commands: MSI_COMMANDS,
  handlers: { ...MSI_CALLS, fireMsi, moveInterrupt },
  rules: { msi: msiPoints },
  boot: () => ({}),
} satisfies Machine;
