import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { type Bindings, bindResult, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import { refused } from '../../../model/world/result.ts';
import { ioasCallsAnswerAsDocumented } from '../../../properties/answers/ioas-calls-answer-as-documented.ts';
import { containerCallsAnswerAsDocumented } from '../../../properties/legacy/container-calls-answer-as-documented.ts';
import type { StepProperty, Transition } from '../../../properties/property.ts';
import { deviceCallsAnswerAsDocumented } from '../../../properties/vfio/device-calls-answer-as-documented.ts';
import { DMA_MAP, DMA_UNMAP } from '../../../spec/vfio/container.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';
import { BOUND, callOf, type Line } from '../../support/script.ts';

/** The last step of a script on a scope, as it is under the intended rules. */
function lastOf(scope: string, script: readonly Line[]): Transition {
  const platform = scopeByName(scope)?.platform;
  if (platform === undefined) throw new Error(`no scope '${scope}'`);
  let bindings: Bindings = NO_BINDINGS;
  let last: Transition | null = null;
  let world = bootWorld(platform);
  for (const line of script) {
    const call = callOf(line);
    const command = resolveCall(call, bindings);
    last = { before: world, command, ...step(world, command, intended) };
    bindings = bindResult(call, last.result, bindings);
    world = last.world;
  }
  if (last === null) throw new Error('the script is empty');
  return last;
}

const VA = 0xffff_f6ff_9000n;
const RW = 6;
const FIXED = 1;
const MAP: Line = [
  'ioasMap',
  { fd: 'io', ioasId: 'ioas', flags: RW | FIXED, userVa: VA, length: 0x2000n, iova: 0x4000n },
];
const OPEN: readonly Line[] = [
  ['containerOpen'],
  ['groupOpen', { group: 0 }],
  ['groupSetContainer', { group: 0, container: 0 }],
  ['containerSetIommu', { container: 0, type: 3 }],
];
const CONTAINER_MAP: Line = [
  'containerMapDma',
  {
    container: 0,
    flags: DMA_MAP.READ | DMA_MAP.WRITE,
    vaddr: scopeByName('container')?.platform.legacy?.memory.start ?? 0n,
    iova: 0x10000n,
    length: 0x10000n,
  },
];

const TAKEN: readonly (readonly [StepProperty, string, readonly Line[]])[] = [
  [ioasCallsAnswerAsDocumented, 'one-smmu', [...BOUND, MAP]],
  [
    ioasCallsAnswerAsDocumented,
    'one-smmu',
    [...BOUND, ['option', { fd: 'io', optionId: 1, op: 0, objectId: 'ioas' }]],
  ],
  [
    ioasCallsAnswerAsDocumented,
    'one-smmu',
    [...BOUND, MAP, ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0x4000n, length: 0x2000n }]],
  ],
  [deviceCallsAnswerAsDocumented, 'one-smmu', BOUND.slice(0, 3)],
  [deviceCallsAnswerAsDocumented, 'one-smmu', [...BOUND, ['vfioDetach', { fd: 'cdev' }]]],
  [containerCallsAnswerAsDocumented, 'container', OPEN],
  [containerCallsAnswerAsDocumented, 'container', [...OPEN, CONTAINER_MAP]],
  [
    containerCallsAnswerAsDocumented,
    'container',
    [...OPEN, CONTAINER_MAP, ['containerUnmapDma', { container: 0, flags: DMA_UNMAP.ALL }]],
  ],
];

const REFUSED: readonly (readonly [StepProperty, string, readonly Line[], errno: string])[] = [
  [ioasCallsAnswerAsDocumented, 'one-smmu', [...BOUND, MAP, MAP], 'EEXIST'],
  [
    ioasCallsAnswerAsDocumented,
    'one-smmu',
    [...BOUND, MAP, ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0x4000n, length: 0x1000n }]],
    'ENOENT',
  ],
  [deviceCallsAnswerAsDocumented, 'one-smmu', [...BOUND, ['vfioAttach', { fd: 'cdev', ptId: 77 }]], 'ENOENT'],
  [
    deviceCallsAnswerAsDocumented,
    'one-smmu',
    [...BOUND, ['vfioSetIrqs', { fd: 'cdev', flags: 33, index: 1 }]],
    'EINVAL',
  ],
  [
    containerCallsAnswerAsDocumented,
    'container',
    OPEN.slice(0, 1).concat([['containerSetIommu', { container: 0, type: 3 }]]),
    'EINVAL',
  ],
  [containerCallsAnswerAsDocumented, 'container', [...OPEN, CONTAINER_MAP, CONTAINER_MAP], 'EEXIST'],
];

const nameOf = (script: readonly Line[]): string => script.map(([command]) => command).join(', ');

describe('a call that is to be done', () => {
  it.each(TAKEN.map(([property, scope, script]) => [nameOf(script), property, scope, script] as const))(
    '%s',
    (_name, property, scope, script) => {
      const transition = lastOf(scope, script);
      expect(transition.result.ok).toBe(true);
      expect(property.witness(transition)).toBe(true);
      expect(property.violated(transition)).toBeNull();
      const notDone = { ...transition, world: transition.before, result: refused('EINVAL') };
      expect(property.violated(notDone)).toMatch(/no reason/);
    },
  );

  it('changes what is documented, and gives it back', () => {
    const transition = lastOf('one-smmu', [...BOUND, MAP]);
    const forgotten = { ...transition, world: transition.before };
    expect(ioasCallsAnswerAsDocumented.violated(forgotten)).toMatch(/maps nothing where 0x4000/);
    const elsewhere = { ...transition, result: { ok: true, out: { iova: 0x5000n } } as const };
    expect(ioasCallsAnswerAsDocumented.violated(elsewhere)).toMatch(/gives iova/);
  });
});

describe('a call that is to be refused', () => {
  it.each(
    REFUSED.map(
      ([property, scope, script, errno]) => [nameOf(script), errno, property, scope, script] as const,
    ),
  )('%s: %s', (_name, errno, property, scope, script) => {
    const transition = lastOf(scope, script);
    expect(transition.result).toMatchObject({ ok: false, errno });
    expect(property.violated(transition)).toBeNull();
    expect(property.violated({ ...transition, result: refused('ERANGE') })).toMatch(/is documented/);
    expect(property.violated({ ...transition, result: { ok: true, out: {} } })).toMatch(/to be refused/);
  });
});
