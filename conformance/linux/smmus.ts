import type { IommuHardware, Platform } from '../../model/platform/platform.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import type { DriverState, HardwareAction } from '../../model/smmu/driver/state.ts';
import { acknowledgeCommand, queueCommands } from '../../model/smmu/qemu/command.ts';
import { enabledSmmu, installSte, type QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';

/** The machine's pSMMUs, as QEMU emulates them; parallel to `platform.smmus`. */
export type Smmus = readonly QemuSmmu[];

export function registersOf({ idr, iidr, aidr }: IommuHardware): IdRegisterValues {
  const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = idr;
  return { IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR: iidr, AIDR: aidr };
}

/** pSMMUs that the driver has enabled, its stream tables installed. */
export function bootSmmus({ iommus }: Platform, driver: DriverState): Smmus {
  return iommus.map((hardware, index) => {
    const table = Object.entries(driver.streamTables[index] ?? {});
    return table.reduce(
      (smmu, [streamId, words]) => installSte(smmu, Number(streamId), words),
      enabledSmmu(registersOf(hardware)),
    );
  });
}

/** Carries out what the driver did. CDs are read where the driver keeps them. */
export function actOn(smmus: Smmus, actions: readonly HardwareAction[], rules: SmmuArchitectureRules): Smmus {
  let result = smmus;
  for (const action of actions) {
    if (action.kind === 'writeCd') continue;
    result = result.map((smmu, index) => {
      if (index !== action.smmu) return smmu;
      return action.kind === 'writeSte'
        ? installSte(smmu, action.streamId, action.words)
        : issueAll(smmu, action.commands, rules);
    });
  }
  return result;
}

/** The driver's error handler goes on behind each command that stops the queue. */
function issueAll(
  smmu: QemuSmmu,
  commands: readonly (readonly bigint[])[],
  rules: SmmuArchitectureRules,
): QemuSmmu {
  let current = queueCommands(smmu, commands, rules);
  while (current.waiting.length > 0) current = acknowledgeCommand(current, rules);
  return current;
}
