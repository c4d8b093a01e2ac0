import { idRegistersOf } from '../../model/platform/id-registers.ts';
import type { IommuHardware } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { type IdRegisterName, idRegisters } from '../../spec/smmuv3/id-registers.ts';
import { type FieldRule, fieldOf, nameOf } from '../../spec/vsmmu/field-rule.ts';
import { FIELD_RULES } from '../../spec/vsmmu/fields.ts';
import { hasVsmmu } from '../platforms.ts';
import type { PairProperty, Run, Transition, Violation } from '../property.ts';
import { argsOf } from './look.ts';

const UNLISTED = FIELD_RULES.filter(({ inHwInfo }) => !inHwInfo);

const IDR: readonly IdRegisterName[] = ['IDR0', 'IDR1', 'IDR2', 'IDR3', 'IDR4', 'IDR5'];

/** The pSMMU of a device that is plugged; null for other steps. */
function plugged(transition: Transition): number | null {
  const device = argsOf(transition, 'plug')?.device;
  const { devices } = transition.before.platform;
  return devices.find(({ id }) => id === device)?.iommu ?? null;
}

/** A pSMMU with one field as it is not: 0 where it is something, and 1 where it is 0. */
function withOther(hardware: IommuHardware, rule: FieldRule): IommuHardware {
  const { register } = rule;
  const fields = idRegisters[register].fields as Readonly<Record<string, { readonly lsb: number }>>;
  const lsb = fields[rule.field]?.lsb ?? 0;
  const now = fieldOf(idRegistersOf(hardware), rule);
  const word = (idRegistersOf(hardware)[register] ^ ((now === 0 ? 1 : now) << lsb)) >>> 0;
  if (register === 'IIDR') return { ...hardware, iidr: word };
  if (register === 'AIDR') return { ...hardware, aidr: word };
  return { ...hardware, idr: hardware.idr.map((each, at) => (IDR[at] === register ? word : each)) };
}

/** Whether the kernel, but for the registers that it tells, answered something else before the VMM asked anything else. */
function kernelDiffers(one: Step, other: Step): boolean {
  for (const [at, effect] of one.effects.entries()) {
    const twin = other.effects[at];
    if (effect.kind !== 'vmmCall' || twin?.kind !== 'vmmCall') return false;
    if (!sameState(effect.command, twin.command)) return false;
    if (effect.command.command !== 'getHwInfo' && !sameState(effect.result, twin.result)) return true;
  }
  return false;
}

function registersIn({ vms }: World): readonly unknown[] {
  return vms.map(({ vsmmus }) => vsmmus.map(({ registers }) => registers));
}

/** What another value of one field changes about these steps: an answer, the ID registers that guests read, or nothing. */
function change(steps: readonly Transition[], iommu: number, rule: FieldRule, rules: Rules): string | null {
  const [first] = steps;
  const hardware = first?.before.platform.iommus[iommu];
  if (first === undefined || hardware === undefined) return null;
  const { platform } = first.before;
  const iommus = platform.iommus.with(iommu, withOther(hardware, rule));
  let world: World = { ...first.before, platform: { ...platform, iommus } };
  for (const transition of steps) {
    const done = step(world, transition.command, rules);
    if (kernelDiffers(transition, done)) return null;
    if (!sameState(transition.result, done.result))
      return `whether this ${transition.command.command} is accepted`;
    if (!sameState(registersIn(transition.world), registersIn(done.world)))
      return 'what the guest reads in its ID registers';
    world = done.world;
  }
  return null;
}

/** Every field of a pSMMU that the list leaves out and that decides something in these steps. */
function decided(steps: readonly Transition[], iommu: number, rules: Rules): Violation {
  const found = UNLISTED.flatMap((rule) => {
    const what = change(steps, iommu, rule, rules);
    return what === null ? [] : [{ field: nameOf(rule), what }];
  });
  const [first] = found;
  if (first === undefined) return null;
  const fields = found.filter(({ what }) => what === first.what).map(({ field }) => field);
  const name = steps[0]?.before.platform.iommus[iommu]?.name;
  return `linux/iommufd.h does not list ${fields.join(', ')}, and the value in ${name} decides ${first.what}`;
}

export const listedFieldsDecide: PairProperty = {
  id: 'listed-fields-decide',
  sentence:
    'Of the ID registers that GET_HW_INFO tells, a VMM uses only the fields that linux/iommufd.h lists: no other field decides about a plug, or reaches the guest.',
  source:
    'linux/iommufd.h, struct iommu_hw_info_arm_smmuv3: "It is important that VMMs do not read bits outside the list to allow for compatibility with future kernels."',
  kind: 'pair',
  appliesTo: hasVsmmu,
  wish: true,
  brokenBy: 'intended',
  violated({ transitions }: Run, rules: Rules) {
    // What a VMM learns at a plug it may use at boot; a machine that runs has its registers.
    const boot = transitions.findIndex((each) => argsOf(each, 'boot') !== null && each.result.ok);
    const last = boot < 0 ? transitions.findLastIndex((each) => plugged(each) !== null) : boot;
    const start = transitions.slice(0, last + 1);
    for (const iommu of new Set(start.map(plugged))) {
      // Before that IOMMU has a device, nothing is known of it.
      const first = start.findIndex((each) => plugged(each) === iommu);
      const found = iommu === null ? null : decided(start.slice(first), iommu, rules);
      if (found !== null) return found;
    }
    for (const transition of transitions.slice(start.length)) {
      const iommu = plugged(transition);
      const found = iommu === null ? null : decided([transition], iommu, rules);
      if (found !== null) return found;
    }
    return null;
  },
  witness: ({ transitions }) =>
    transitions.some((transition) => plugged(transition) !== null && transition.result.ok),
};
