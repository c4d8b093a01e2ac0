import type { Emulation } from '../../conformance/emulated/emulation.ts';
import { emulationOf } from '../../conformance/emulated/emulation-of.ts';
import type { Seen } from '../../conformance/emulated/lines.ts';
import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { intended, type Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { emulatedPlatform } from '../../workload/scopes/emulated.ts';
import { hardwareWith } from './machine.ts';
import { Move } from './move.ts';

/** What a guest does in scope `emulated`, done on QEMU's machine; or at which step, from 1, that comes to something else. */
export type Moved =
  | { readonly platform: Platform; readonly calls: readonly Call[] }
  | { readonly parts: number };

/**
 * Scope `emulated` has its memory at 0 and StreamIDs from 0 on; QEMU's machine has RAM elsewhere, and no device of the first
 * StreamIDs. So every address and every StreamID is another there. Where a step then does not come to the same, there is no run.
 * Of two accesses that both do, as where both abort, that one is made which also does as the architecture has it.
 */
export function movedToMachine(from: Platform, calls: readonly Call[], rules: Rules): Moved {
  if (from.emulated === undefined) throw new Error('a platform with an emulated SMMUv3');
  const platform = emulatedPlatform(hardwareWith(from.emulated.registers));
  const move = new Move(calls);
  const [own, promised] = [rules, intended].map((each) => new Beside(from, platform, move, each)) as [
    Beside,
    Beside,
  ];
  const all = [...move.first];
  for (const [at, call] of calls.entries()) {
    const same = move.candidates(call).filter((candidate) => own.comeToSame(call, candidate));
    const taken = same.find((candidate) => promised.comeToSame(call, candidate)) ?? same[0];
    if (taken === undefined) return { parts: at + 1 };
    for (const beside of [own, promised]) beside.go(call, taken);
    all.push(taken);
  }
  return { platform, calls: all };
}

/** The scope's world and the machine's, under the same rules. */
class Beside {
  readonly #move: Move;
  readonly #rules: Rules;
  readonly #emulation: Emulation;
  #there: World;
  #here: World;

  constructor(from: Platform, to: Platform, move: Move, rules: Rules) {
    this.#move = move;
    this.#rules = rules;
    this.#emulation = emulationOf(to);
    this.#there = bootWorld(from);
    // At boot the stream table of one STE is at 0.
    this.#here = move.first.reduce((world, call) => this.#done(world, call).after.world, bootWorld(to));
  }

  comeToSame(call: Call, candidate: Call): boolean {
    return isSame(this.#done(this.#there, call), this.#done(this.#here, candidate), this.#move);
  }

  go(call: Call, taken: Call): void {
    this.#there = this.#done(this.#there, call).after.world;
    this.#here = this.#done(this.#here, taken).after.world;
  }

  #done(world: World, call: Call): Done {
    const command = resolveCall(call, NO_BINDINGS);
    const after = step(world, command, this.#rules);
    return { after, seen: this.#emulation.seenOf(world, command, after) };
  }
}

interface Done {
  readonly after: Step;
  readonly seen: Seen;
}

/** Whether both steps come to the same, but for where things are; what a device reads depends on what is there. */
function isSame({ after: one, seen }: Done, { after: two, seen: other }: Done, move: Move): boolean {
  if (one.result.ok !== two.result.ok || seen.ends !== other.ends) return false;
  if (!one.result.ok || !two.result.ok) return true;
  const [from, to] = [one.result.out.address, two.result.out.address];
  if ((from === undefined) !== (to === undefined)) return false;
  if (typeof from === 'bigint' && to !== move.address(from)) return false;
  for (const key of ['GERROR', 'CMDQ_CONS', 'EVENTQ_PROD'] as const)
    if (seen[key] !== other[key]) return false;
  return isSameEvent(seen.event, other.event, move);
}

function isSameEvent(one: string | undefined, two: string | undefined, move: Move): boolean {
  if (one === undefined || two === undefined || one === 'none' || two === 'none') return one === two;
  const [words, others] = [one, two].map((text) => text.split(' ').map(BigInt));
  return (words ?? []).every((word, at) => {
    const other = others?.[at] ?? 0n;
    // A record that was not written is the same everywhere.
    if (at === 0) return (word === 0n ? word : move.eventHead(word)) === other;
    // The addresses of an event are where an access went, or where a table was.
    return word === other || (at >= 2 && (move.address(word) === other || move.entry(word) === other));
  });
}
