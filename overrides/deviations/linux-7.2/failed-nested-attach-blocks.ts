import type { Override } from '../../../model/rules.ts';

/**
 * intel_nested_attach_dev() takes the old domain away before it looks at what the guest asked for. Where that cannot be
 * had, the core puts the old domain back; DMA in between is blocked. Read, not recorded.
 */
export const failedNestedAttachBlocks: Override = {
  name: 'failed-nested-attach-blocks',
  kind: 'deviation',
  summary: 'on VT-d a nested attach that fails has blocked DMA of the old domain for a while',
  source: 'Linux 7.2.13 intel_nested_attach_dev(), device_block_translation(), F-11',
  rules: { vtd: { failedNestedAttachBlocks: true } },
};
