import type { Override } from 'nestcheck';

const sharedVmid: Override = {
  name: 'shared-vmid',
  kind: 'design',
  summary: 'every vSMMU on a nesting parent has the VMID of that parent, which saves VMIDs',
  source: 'an idea to be argued about',
  rules: { iommufd: { vsmmuOwnsVmid: false } },
};

export default sharedVmid;
