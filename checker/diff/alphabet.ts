import type { Bindings, Call } from '../../model/call.ts';
import { FIRST_FD, vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { explorationFor } from '../../workload/alphabet/index.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { generateEmulatedCall } from '../../workload/generator/emulated/generate.ts';
import { generateVtdCall } from '../../workload/generator/emulated-vtd/generate.ts';
import { drawSmmuEvent } from '../../workload/generator/events.ts';
import { guestWork } from '../../workload/generator/guest-work.ts';
import { generateLegacyCall } from '../../workload/generator/legacy/generate.ts';
import { COMMAND_NAMES, MOVES } from '../../workload/generator/moves.ts';
import { hasVectors } from '../../workload/generator/msi/generate.ts';
import { MSI_MOVES } from '../../workload/generator/msi/moves.ts';
import { generateNotifierCall } from '../../workload/generator/notifiers.ts';
import { pasidViewsOf } from '../../workload/generator/pasid/generate.ts';
import { PASID_MOVES } from '../../workload/generator/pasid/moves.ts';
import { named } from '../../workload/generator/result-name.ts';
import { type View, viewOf } from '../../workload/generator/view.ts';
import { GUEST_MOVES } from '../../workload/generator/vmm/guest.ts';
import { OPERATOR_MOVES } from '../../workload/generator/vmm/operator.ts';
import { type VmView, vmViewOf } from '../../workload/generator/vmm/view.ts';
import { vtdWork } from '../../workload/generator/vtd.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { type Outcomes, outcomesOf } from './choices.ts';

/** Every call that is to be tried in a world. Must depend on its arguments alone. */
export type Alphabet = (scope: Scope, world: World, bindings: Bindings) => Outcomes<Call>;

/** How often a command of one kind is made, at most, to know all its forms in one world. */
export const MOST_DRAWS = 8000;

/** A text that two calls share exactly where they are the same, whatever they call what they make. */
export function callKey({ actor, command, args }: Call): string {
  return `${actor} ${command} ${JSON.stringify(args, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`;
}

/**
 * Every call that the generator makes on purpose (not by mistake) in this world, in a fixed order: kind by kind. Where
 * a kind has more forms than are enumerated (a guest's command queue with three entries has), it says so.
 */
export const sensibleCalls: Alphabet = (scope, world, bindings) => {
  const all = new Map<string, Call>();
  let complete = true;
  for (const outcomes of callsByKind(scope, world, bindings, MOST_DRAWS)) {
    for (const call of outcomes.all) {
      const key = callKey(call);
      if (!all.has(key)) all.set(key, call);
    }
    if (!outcomes.complete) complete = false;
  }
  return { all: [...all.values()], complete };
};

/**
 * The same kind by kind, each when it is asked for, and of each as many forms as it takes `most` draws to know. What two
 * kinds can make is in both.
 */
export function* callsByKind(
  scope: Scope,
  world: World,
  bindings: Bindings,
  most: number,
): Generator<Outcomes<Call>> {
  for (const make of kindsOf(scope, world, bindings)) yield outcomesOf(make, callKey, most);
}

/** The ways of making a call on purpose in this world. */
function kindsOf(scope: Scope, world: World, bindings: Bindings): readonly Make[] {
  const { legacy, emulated, emulatedVtd } = world;
  if (world.pasids !== null) return pasidKinds(world);
  // Containers and emulated IOMMUs have generators of their own, which do not tell mistakes apart.
  if (legacy !== null) return [(draw) => generateLegacyCall(world, legacy, draw)];
  if (emulated !== null) return [(draw) => generateEmulatedCall(emulated, draw)];
  if (emulatedVtd !== null) return [(draw) => generateVtdCall(emulatedVtd, draw)];
  if (world.repeated !== null) return [(draw) => generateNotifierCall(world, draw)];
  return world.vms.length > 0 ? vmKinds(world) : uapiKinds(scope, world, bindings);
}

/** The exploration of a scope that is explored from its first world on; null where it is not. */
export function explorationOf(scope: Scope): Exploration | null {
  const exploration = explorationFor(scope);
  return exploration === undefined || exploration.prelude.length > 0 ? null : exploration;
}

/**
 * What exploration tries, mistakes and all, in a world of a scope that is explored; of every other scope what the generator makes
 * on purpose. Objects are numbers there: equal answers have given equal numbers.
 */
export const triedCalls: Alphabet = (scope, world, bindings) => {
  const exploration = explorationOf(scope);
  return exploration === null
    ? sensibleCalls(scope, world, bindings)
    : alphabetOf(exploration)(scope, world, bindings);
};

/** What an exploration tries: a command is a call that names nothing. */
export function alphabetOf({ alphabet }: Exploration): Alphabet {
  return (_scope, world) => ({
    all: alphabet(world) as readonly object[] as readonly Call[],
    complete: true,
  });
}

type Make = (draw: Draw) => Call;

function uapiKinds(scope: Scope, world: World, bindings: Bindings): readonly Make[] {
  const viewKey = ({ actor, here }: View): string => `${actor} ${here?.ctx}`;
  const views = outcomesOf((draw) => viewOf(scope, world, bindings, draw), viewKey, MOST_DRAWS);
  return views.all.flatMap((view): readonly Make[] => {
    const moves = COMMAND_NAMES.map((name) => MOVES[name]).filter((move) => move.weight(view) > 0);
    const kinds = moves.map(
      (move): Make =>
        (draw) =>
          named(view, move.make(view, draw)),
    );
    const work = world.vtd !== null ? vtdWork : world.machine !== null ? guestWork : null;
    if (work === null) return kinds;
    // Where a guest has nothing to do, a call that is there already stands for it.
    return [...kinds, (draw) => named(view, work(view, draw) ?? MOVES.openIommufd.make(view, draw))];
  });
}

function pasidKinds(world: World): readonly Make[] {
  const moves = Object.values(PASID_MOVES);
  return pasidViewsOf(world).flatMap((view) =>
    moves.map(
      (move): Make =>
        (draw) =>
          move.make(view, draw),
    ),
  );
}

const VM_MOVES = Object.values({ ...OPERATOR_MOVES, ...GUEST_MOVES });

function vmKinds(world: World): readonly Make[] {
  const viewKey = ({ vm, index }: VmView): string => `${vm.name} ${index}`;
  const views = outcomesOf((draw) => vmViewOf(world, draw), viewKey, MOST_DRAWS);
  const moves = hasVectors(world) ? MSI_MOVES : VM_MOVES;
  const kinds = views.all.flatMap((view): readonly Make[] => {
    const made = moves.map(
      (move): Make =>
        (draw) =>
          move.make(view, draw),
    );
    if (hasVectors(world)) return made;
    const fd = view.vm.iommufds[0]?.fd ?? FIRST_FD;
    const actor = vmmOf(view.vm.name);
    const asked = [...world.platform.iommus.keys()].map(
      (iommu): Make =>
        () => {
          return { actor, command: 'iommuDriverInfo', args: { fd, iommu } };
        },
    );
    return [...made, ...asked];
  });
  return hasVectors(world) ? kinds : [...kinds, (draw) => drawSmmuEvent(world, draw)];
}
