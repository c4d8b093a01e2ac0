import { describe, expect, it } from 'vitest';
import { type Call, NO_BINDINGS } from '../../../model/call.ts';
import { COMMANDS } from '../../../model/commands.ts';
import { ALL_IOCTLS, isIoctl } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import type { Argument } from '../../../spec/command/argument.ts';
import type { StructTable } from '../../../spec/struct.ts';
import type { Draw } from '../../../workload/generator/choice.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { drawsFrom, PROCESS_SCOPES, type RandomStep, randomRun } from './random-run.ts';

const RUNS = 150;
const STEPS = 60;

const made = new Map<Scope, readonly (readonly RandomStep[])[]>();

/** The same runs for every test: made once. */
function runsOf(scope: Scope): readonly (readonly RandomStep[])[] {
  const runs =
    made.get(scope) ??
    Array.from({ length: RUNS }, (_, index) => [...randomRun(scope, drawsFrom(index + 1), STEPS)]);
  made.set(scope, runs);
  return runs;
}

/** Whether a group is on a nested HWPT through which its guest translates. */
function translates({ groups, contexts }: World): boolean {
  return groups.some((group) => {
    if (group?.domain.kind !== 'hwpt') return false;
    const hwpt = contexts[group.domain.ctx]?.objects[group.domain.hwpt];
    return hwpt?.type === 'hwptNested' && hwpt.domain.config === 's1Translate';
  });
}

function hasObject(
  world: World,
  holds: (slot: NonNullable<World['contexts'][number]>['objects'][number]) => boolean,
) {
  return world.contexts.some((context) => context?.objects.some(holds) === true);
}

/** Of a hundred runs, how many come to a world. */
function share(scope: Scope, holds: (world: World) => boolean): number {
  let reached = 0;
  for (const run of runsOf(scope)) if (run.some(({ world }) => holds(world))) reached++;
  return (100 * reached) / RUNS;
}

/** What is wrong with an argument's value as the struct's field or the call's parameter that it is to be. */
function misfit(call: Call, name: string): string | null {
  const shape: Argument | undefined = (COMMANDS[call.command].args as Record<string, Argument>)[name];
  const value = call.args[name];
  const table: StructTable | null = isIoctl(call.command) ? ALL_IOCTLS[call.command] : null;
  const field = table?.fields[name];
  const bits = 8 * (field?.width ?? 4);
  const isDescriptor = shape?.kind === 'handle' && shape.min < 0;
  const signed = isDescriptor || (field !== undefined && 'signed' in field);
  switch (shape?.kind) {
    case 'handle':
    case 'number': {
      if (shape.kind === 'handle' && typeof value === 'string') return null;
      const fits = Number.isInteger(value) && Number(value) >= (signed ? -1 : 0) && Number(value) < 2 ** bits;
      return fits ? null : `${call.command}.${name} = ${value}`;
    }
    case 'u64':
      return typeof value === 'bigint' && value === BigInt.asUintN(64, value)
        ? null
        : `${call.command}.${name}`;
    case 'words':
      if (value === null) return null;
      return Array.isArray(value) && value.every((word) => word === BigInt.asUintN(64, word))
        ? null
        : `${call.command}.${name}`;
    case 'pointer':
      return ['buffer', 'null', 'unmapped'].includes(String(value)) ? null : `${call.command}.${name}`;
    case 'bool':
      return typeof value === 'boolean' ? null : `${call.command}.${name}`;
    case 'text':
      return typeof value === 'string' ? null : `${call.command}.${name}`;
    case undefined:
      return `${call.command} has no ${name}`;
  }
}

describe('generated calls', () => {
  it.each(PROCESS_SCOPES)('on $name: equal draws give equal traces', (scope) => {
    const calls = (seed: number) => [...randomRun(scope, drawsFrom(seed), STEPS)].map(({ call }) => call);
    expect(calls(7)).toEqual(calls(7));
    expect(calls(7)).not.toEqual(calls(8));
  });

  it('need no names: a trace that binds none goes on', () => {
    for (const scope of PROCESS_SCOPES) {
      const run = [...randomRun(scope, drawsFrom(3), 40)];
      for (const { before } of run) generateCall(scope, before, NO_BINDINGS, drawsFrom(4));
    }
  });

  it('draw below whole numbers of at least 1', () => {
    const bounds = new Set<number>();
    const draws = drawsFrom(11);
    const noting: Draw = (bound) => {
      bounds.add(bound);
      return draws(bound);
    };
    for (const scope of PROCESS_SCOPES) for (const _ of randomRun(scope, noting, 2000));
    expect([...bounds].filter((bound) => !Number.isInteger(bound) || bound < 1)).toEqual([]);
  });

  it.each(PROCESS_SCOPES)('on $name: are what their commands take, and fit the fields', (scope) => {
    const misfits = new Set<string>();
    for (const run of runsOf(scope)) {
      for (const { call } of run) {
        for (const name of Object.keys(call.args)) {
          const wrong = misfit(call, name);
          if (wrong !== null) misfits.add(wrong);
        }
      }
    }
    expect([...misfits]).toEqual([]);
  });

  it.each(PROCESS_SCOPES)(
    'on $name: give names that the trace has not, and name only what the trace has',
    (scope) => {
      const wrong = new Set<string>();
      for (const run of runsOf(scope)) {
        for (const { call, bindings } of run) {
          if (call.as !== undefined && bindings[call.as] !== undefined) wrong.add(`${call.as} given twice`);
          const args = COMMANDS[call.command].args as Record<string, Argument>;
          for (const [name, value] of Object.entries(call.args)) {
            if (args[name]?.kind !== 'handle' || typeof value !== 'string' || value === 'none0') continue;
            if (bindings[value] === undefined) wrong.add(`${value} in ${call.command}`);
          }
        }
      }
      expect([...wrong]).toEqual([]);
    },
  );

  it('name what belongs to the caller, except by mistake', () => {
    const scope = PROCESS_SCOPES.find(({ platform }) => platform.vms.length > 1) as Scope;
    let own = 0;
    let foreign = 0;
    for (const run of runsOf(scope)) {
      for (const { call } of run) {
        for (const value of Object.values(call.args)) {
          if (typeof value !== 'string' || !/^vm\d\./.test(value)) continue;
          if (call.actor === `vmm:${value.slice(0, 3)}`) own++;
          else foreign++;
        }
      }
    }
    expect(foreign).toBeGreaterThan(0);
    expect(foreign / (own + foreign)).toBeLessThan(0.1);
  });

  /**
   * Scopes on which calls that make sense are refused as well, since that is what they are for: a device without CANWBS
   * can have no vIOMMU, what belongs to one SMMU does not serve the other, and what was not made for PASIDs takes none.
   */
  const REFUSED_FOR_WHAT_IT_IS = ['two-smmus', 'pasids'];
  /** Most of what is asked of device files there is not what they are asked for. */
  const mostRefused = ({ name }: Scope): number =>
    name === 'device-files' ? 42 : REFUSED_FOR_WHAT_IT_IS.includes(name) ? 37 : 35;

  it.each(PROCESS_SCOPES)('on $name: a quarter to a third are refused', (scope) => {
    let refused = 0;
    for (const run of runsOf(scope)) refused += run.filter(({ result }) => !result.ok).length;
    const percent = (100 * refused) / (RUNS * STEPS);
    expect(percent).toBeGreaterThan(25);
    expect(percent).toBeLessThan(mostRefused(scope));
  });
});

describe('runs of 60 steps', () => {
  /** On `device-files` two calls of three are about files, and few guests come to translate. */
  const WITH_GUESTS = PROCESS_SCOPES.filter(({ name }) => name !== 'device-files');

  /** On `pasids` half of the devices are in groups of two, which only go to a guest together. */
  const leastTranslating = ({ name }: Scope): number => (name === 'pasids' ? 35 : 40);

  it.each(WITH_GUESTS)('on $name: in at least a third of them a guest translates', (scope) => {
    expect(share(scope, translates)).toBeGreaterThanOrEqual(leastTranslating(scope));
  });

  it.each(WITH_GUESTS)(
    'on $name: events wait, events are lost, MSI pages are mapped and ids are buried',
    (scope) => {
      expect(
        share(scope, (world) => hasObject(world, (slot) => slot?.type === 'veventq' && slot.numEvents > 0)),
      ).toBeGreaterThan(scope.name === 'pasids' ? 15 : 20);
      expect(
        share(scope, (world) =>
          hasObject(world, (slot) => slot?.type === 'veventq' && slot.events.at(-1)?.words === null),
        ),
      ).toBeGreaterThan(2);
      expect(
        share(scope, (world) =>
          hasObject(world, (slot) => slot?.type === 'hwptPaging' && slot.msiPages.length > 0),
        ),
      ).toBeGreaterThan(10);
      expect(share(scope, (world) => hasObject(world, (slot) => slot?.type === 'tombstone'))).toBeGreaterThan(
        2,
      );
    },
  );

  it('begin as they always did', () => {
    const text = ({ actor, command, as, args }: Call) =>
      `${actor} ${command}(${Object.values(args)
        .map((value) => (Array.isArray(value) ? `${value.length} words` : String(value)))
        .join(', ')})${as === undefined ? '' : ` as ${as}`}`;
    const scope = PROCESS_SCOPES[0] as Scope;
    expect([...randomRun(scope, drawsFrom(1), 12)].map(({ call }) => text(call))).toMatchInlineSnapshot(`
      [
        "vmm:vm0 openCdev(dev0) as cdev0",
        "vmm:vm0 openCdev(dev1) as cdev1",
        "vmm:vm0 openIommufd() as iommufd0",
        "vmm:vm0 ioasAlloc(iommufd0) as ioas0",
        "vmm:vm0 ioasIovaRanges(iommufd0, ioas0, 0)",
        "vmm:vm0 destroy(11, 11)",
        "vmm:vm0 ioasMap(iommufd0, ioas0, 7, 281474825736192, 16, 16384)",
        "vmm:vm0 vfioBind(cdev0, iommufd0) as device0",
        "vmm:vm0 ioasIovaRanges(iommufd0, ioas0, 8)",
        "vmm:vm0 ioasAllowIovas(iommufd0, ioas0)",
        "vmm:vm0 hwptAlloc(iommufd0, device0, ioas0, 1) as hwpt0",
        "vmm:vm0 vfioBind(cdev1, iommufd0) as device1",
      ]
    `);
  });
});
