import { idRegistersOf } from '../../model/platform/id-registers.ts';
import type { IommuHardware } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { IDR_NAMES, idRegisters } from '../../spec/smmuv3/id-registers.ts';
import { type FieldRule, fieldOf, nameOf } from '../../spec/vsmmu/field-rule.ts';
import { FIELD_RULES } from '../../spec/vsmmu/fields.ts';
import { hasVsmmu } from '../platforms.ts';
import type { PairProperty, Run, Violation } from '../property.ts';

const UNLISTED = FIELD_RULES.filter(({ inHwInfo }) => !inHwInfo);

/** What an operator does that a pSMMU's registers can decide about; nothing else is made again. */
const OPERATORS: ReadonlySet<string> = new Set(['plug', 'unplug', 'boot', 'migrate']);

/** The pSMMU of a device that is plugged; null for other commands. */
function pluggedBy({ platform }: World, { command, args }: Command): number | null {
  if (command !== 'plug') return null;
  return platform.devices.find(({ id }) => id === args.device)?.iommu ?? null;
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
  return { ...hardware, idr: hardware.idr.map((each, at) => (IDR_NAMES[at] === register ? word : each)) };
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

/** The same machine in front of a pSMMU of which one field is not as it is. */
interface Twin {
  readonly iommu: number;
  readonly rule: FieldRule;
  readonly world: World;
}

/** How a machine and its twins stand after some of its operator's commands. */
interface Life {
  readonly world: World;
  /** A machine that runs has its registers: what it learns of a pSMMU later is of no use to it but at that plug. */
  readonly hasBooted: boolean;
  readonly twins: readonly Twin[];
  readonly found: Violation;
  /** By the next command. Runs begin alike, and when one is made smaller its beginning stays. */
  readonly next: Map<string, Life>;
}

function twinsOf(world: World, iommu: number): readonly Twin[] {
  const { platform } = world;
  const hardware = platform.iommus[iommu];
  if (hardware === undefined) return [];
  return UNLISTED.map((rule) => {
    const iommus = platform.iommus.with(iommu, withOther(hardware, rule));
    return { iommu, rule, world: { ...world, platform: { ...platform, iommus } } };
  });
}

/** What a field changes about a command: whether it is accepted, the ID registers that guests read, or nothing. */
function change(one: Step, other: Step, command: Command): string | null {
  if (one.result.ok !== other.result.ok) return `whether this ${command.command} is accepted`;
  if (!sameState(registersIn(one.world), registersIn(other.world)))
    return 'what the guest reads in its ID registers';
  return null;
}

/** The machine and its twins after one more command; a twin to which the kernel answers otherwise says nothing of the VMM. */
function after(life: Life, command: Command, rules: Rules): Life {
  const { world, hasBooted } = life;
  const base = step(world, command, rules);
  const iommu = pluggedBy(world, command);
  const isNew = iommu !== null && (hasBooted || !life.twins.some((twin) => twin.iommu === iommu));
  const before = [...(hasBooted ? [] : life.twins), ...(isNew ? twinsOf(world, iommu) : [])];
  const twins: Twin[] = [];
  const changed: { readonly twin: Twin; readonly what: string }[] = [];
  for (const twin of before) {
    const done = step(twin.world, command, rules);
    if (kernelDiffers(base, done)) continue;
    const what = change(base, done, command);
    if (what !== null) changed.push({ twin, what });
    twins.push({ ...twin, world: done.world });
  }
  const boots = command.command === 'boot' && base.result.ok;
  return {
    world: base.world,
    hasBooted: hasBooted || boots,
    twins: hasBooted || boots ? [] : twins,
    found: textOf(world, changed),
    next: new Map(),
  };
}

function textOf(
  { platform }: World,
  changed: readonly { readonly twin: Twin; readonly what: string }[],
): Violation {
  const [first] = changed;
  if (first === undefined) return null;
  const same = changed.filter(({ twin, what }) => what === first.what && twin.iommu === first.twin.iommu);
  const fields = same.map(({ twin }) => nameOf(twin.rule)).join(', ');
  const name = platform.iommus[first.twin.iommu]?.name;
  return `linux/iommufd.h does not list ${fields}, and the value in ${name} decides ${first.what}`;
}

/** After so many all is forgotten: each has a world for every field. */
const MOST_LIVES = 1000;

let kept = 0;
let lives = new WeakMap<Rules, WeakMap<World['platform'], Life>>();

/** How a machine begins; what follows is kept with it. */
function firstLife({ initial }: Run, rules: Rules): Life {
  if (kept > MOST_LIVES) {
    lives = new WeakMap();
    kept = 0;
  }
  const known = lives.get(rules) ?? new WeakMap<World['platform'], Life>();
  lives.set(rules, known);
  const life = known.get(initial.platform) ?? {
    world: initial,
    hasBooted: false,
    twins: [],
    found: null,
    next: new Map(),
  };
  known.set(initial.platform, life);
  return life;
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
  /** Of the operator's commands alone, from the first world on, the first that a field decides about. */
  violated(run: Run, rules: Rules) {
    let life = firstLife(run, rules);
    for (const { command } of run.transitions) {
      if (!OPERATORS.has(command.command)) continue;
      const key = JSON.stringify(command);
      const known = life.next.get(key);
      const next = known ?? after(life, command, rules);
      if (known === undefined) {
        life.next.set(key, next);
        kept++;
      }
      if (next.found !== null) return next.found;
      life = next;
    }
    return null;
  },
  witness: ({ transitions }) =>
    transitions.some(({ before, command, result }) => pluggedBy(before, command) !== null && result.ok),
};
