import './effects.ts';
import { fileOf } from '../world/files.ts';
import type { Machine } from '../world/machine.ts';
import { refused } from '../world/result.ts';
import { BACKDOOR_COMMANDS, VMM_COMMANDS } from './command.ts';
import { iommuDriverInfo } from './driver-info.ts';
import { VMM_HANDLERS } from './handle.ts';
import { vmmPoints } from './rules.ts';
import { newVm } from './vm.ts';

/** Virtual machines with vSMMUs: what their VMMs make of what operators and guests do, as calls into the same kernel. */
export const vmm = {
  name: 'vmm',
  commands: { ...VMM_COMMANDS, ...BACKDOOR_COMMANDS },
  handlers: {
    ...VMM_HANDLERS,
    iommuDriverInfo(tx, args, actor) {
      const file = fileOf(tx, actor, args.fd);
      if (file === null) return refused('EBADF');
      return file.of.kind === 'iommufd' ? iommuDriverInfo(tx, args) : refused('ENOTTY');
    },
  },
  rules: { vmm: vmmPoints },
  boot: ({ vmHardware = [] }) => ({ vms: vmHardware.map(newVm) }),
} satisfies Machine;
