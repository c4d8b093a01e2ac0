import type { Override } from '../../model/rules.ts';

/** The entry was stored under its StreamID first and prepared second; in between an invalidation resolved to it. */
export const vdeviceFoundBeforeInit: Override = {
  name: 'vdevice-found-before-init',
  kind: 'defect',
  summary: 'a StreamID resolves to a vDEVICE that the driver has not accepted yet',
  source: 'iommufd/viommu: Publish a vDEVICE only after vdevice_init() succeeds (parent of c3b8ee84a965)',
  foundBy: 'invalidation-names-own-vdevice',
  rules: { iommufd: { vdeviceFoundBeforeInit: true } },
};
