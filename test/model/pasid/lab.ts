import { bootWorld } from '../../../model/boot.ts';
import { type ArgValue, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { composeRules, type RuleChanges, type Rules } from '../../../model/rules.ts';
import { type Step, step } from '../../../model/step.ts';
import type { CommandName } from '../../../model/world/command.ts';
import type { Result } from '../../../model/world/result.ts';
import type { World } from '../../../model/world/world.ts';
import { smmuv3, vtd2, vtd3 } from '../../../spec/pasid/descriptions.ts';
import type { IommuHardware } from '../../../spec/pasid/hardware.ts';
import { FEW, pasidPlatform } from '../../../workload/scopes/pasid-platform.ts';

export { smmuv3, vtd2, vtd3 };

/** One function with two slices, one without, two machines, behind some hardware. */
export class Lab {
  world: World;
  last: Step | null = null;
  readonly #rules: Rules;

  constructor(hardware: IommuHardware, rules: RuleChanges = {}) {
    this.world = bootWorld(pasidPlatform('lab', { ...FEW, hardware }));
    this.#rules = composeRules([{ rules }]);
  }

  do(actor: string, command: CommandName, args: Readonly<Record<string, ArgValue>> = {}): Result {
    const done = step(this.world, resolveCall({ actor, command, args }, NO_BINDINGS), this.#rules);
    this.world = done.world;
    this.last = done;
    return done.result;
  }

  /** Gives a unit to a machine; what was answered. */
  assign(unit: string, vm: string, viommu = 'none', mechanism = 'direct', paravirtual = false): string {
    return outcome(this.do('operator', 'assign', { unit, vm, viommu, mechanism, paravirtual }));
  }

  /** A guest sets up stage 1 for one of its PASIDs: IOVA page 0 to a page of its RAM, through table `table`. */
  map(vm: string, unit: string, pasid: number, table: number, page: number): void {
    const guest = `guest:${vm}`;
    this.do(guest, 'writeMapping', { table, valid: true, page });
    this.do(guest, 'writePasidEntry', { unit, pasid, table, present: true });
    this.do(guest, 'writeContext', { unit, translates: true });
    this.do(guest, 'invalidate', { unit, reach: 'context' });
  }

  /** Host pages that a unit may reach, or the errno; `fault` where it may also fault. */
  reach(unit: string, pasid = 0, iova = 0): string {
    const result = this.do(`device:${unit}`, 'request', { pasid, iova });
    if (!result.ok) return result.errno;
    const addresses = result.out.addresses as readonly bigint[];
    return [
      ...addresses.map((address) => String(address >> 12n)),
      ...(result.out.faults ? ['fault'] : []),
    ].join();
  }
}

export function outcome(result: Result): string {
  return result.ok ? 'ok' : result.errno;
}
