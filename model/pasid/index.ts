import './effects.ts';
import type { Machine } from '../world/machine.ts';
import { PASID_COMMANDS } from './command.ts';
import { PASID_HANDLERS } from './handlers.ts';
import { bootPasids } from './machine.ts';
import { pasidPoints } from './rules.ts';

/** Functions and slices with PASIDs, shadowed or nested, behind an IOMMU that a description stands for. */
export const pasid = {
  name: 'pasid',
  commands: PASID_COMMANDS,
  handlers: PASID_HANDLERS,
  rules: { pasid: pasidPoints },
  facts: ['pasids'],
  boot: ({ pasid: hardware, vms }) => ({
    pasids: hardware === undefined ? null : bootPasids(hardware, vms.length),
  }),
} satisfies Machine;
