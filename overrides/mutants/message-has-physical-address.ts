import type { Override } from '../../model/rules.ts';

export const messageHasPhysicalAddress: Override = {
  name: 'message-has-physical-address',
  kind: 'mutant',
  summary: "a message has the doorbell's physical address",
  source: 'breaks no-host-address-in-message',
  rules: { msi: { messageHasPlace: false } },
};
