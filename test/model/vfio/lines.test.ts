import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { type Call, resolveCall } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { World } from '../../../model/world/world.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';

const ACTOR = 'vmm:vm0';
const [NONE, BOOL, EVENTFD, MASK, UNMASK, TRIGGER] = [1, 2, 4, 8, 16, 32];
const [INTX, MSI, MSIX, ERR, REQ] = [0, 1, 2, 3, 4];

/** A bound device (fd 4) on an IOAS, and an eventfd (fd 5). */
function booted(): World {
  const scope = scopeByName('one-smmu');
  if (scope === undefined) throw new Error('no scope');
  const calls: readonly Call[] = [
    { actor: ACTOR, command: 'openIommufd', args: {} },
    { actor: ACTOR, command: 'openCdev', args: { device: 'dev0' } },
    { actor: ACTOR, command: 'openOther', args: {} },
    { actor: ACTOR, command: 'vfioBind', args: { fd: 4, iommufd: 3 } },
    { actor: ACTOR, command: 'ioasAlloc', args: { fd: 3 } },
    { actor: ACTOR, command: 'vfioAttach', args: { fd: 4, ptId: 2 } },
  ];
  return calls.reduce(
    (world, call) => step(world, resolveCall(call, {}), intended).world,
    bootWorld(scope.platform),
  );
}

interface Set {
  readonly index: number | undefined;
  readonly flags: number;
  readonly start?: number;
  readonly count?: number;
  readonly fd?: number;
}

function setIrqs(world: World, { index = 0, flags, start = 0, count = 1, fd = 5 }: Set) {
  const data = [BigInt.asUintN(32, BigInt(fd))];
  const args = { fd: 4, argsz: 28, index, flags, start, count, data };
  const { world: after, result } = step(
    world,
    resolveCall({ actor: ACTOR, command: 'vfioSetIrqs', args }, {}),
    intended,
  );
  return { after, answer: result.ok ? 'ok' : result.errno };
}

/** The answers to calls one after the other. */
function answers(...sets: readonly Set[]): readonly string[] {
  let world = booted();
  return sets.map((each) => {
    const { after, answer } = setIrqs(world, each);
    world = after;
    return answer;
  });
}

const on = (index: number | undefined): Set => ({ index, flags: EVENTFD | TRIGGER });
const off = (index: number | undefined): Set => ({ index, flags: NONE | TRIGGER, count: 0 });

describe('SET_IRQS', () => {
  it('switches the line on and off, and masks it only while it is on', () => {
    expect(answers({ index: INTX, flags: NONE | MASK }, on(INTX))).toEqual(['EINVAL', 'ok']);
    expect(
      answers(on(INTX), { index: INTX, flags: NONE | MASK }, { index: INTX, flags: BOOL | UNMASK }),
    ).toEqual(['ok', 'ok', 'ok']);
    expect(answers(on(INTX), off(INTX), { index: INTX, flags: NONE | UNMASK })).toEqual([
      'ok',
      'ok',
      'EINVAL',
    ]);
    expect(answers(off(INTX))).toEqual(['EINVAL']);
  });

  it('takes one eventfd that unmasks, and none that masks', () => {
    const unmask = { index: INTX, flags: EVENTFD | UNMASK };
    expect(answers(on(INTX), unmask, unmask, { ...unmask, fd: -1 }, unmask)).toEqual([
      'ok',
      'ok',
      'EBUSY',
      'ok',
      'ok',
    ]);
    expect(answers(on(INTX), { index: INTX, flags: EVENTFD | MASK })).toEqual(['ok', 'ENOTTY']);
  });

  it('has line or messages, not both', () => {
    expect(answers(on(INTX), on(MSI), off(INTX), on(MSI), on(INTX))).toEqual([
      'ok',
      'EINVAL',
      'ok',
      'ok',
      'EINVAL',
    ]);
  });

  it.each([
    ['no vector at all', [{ index: MSI, flags: EVENTFD | TRIGGER, count: 0 }], ['ERANGE']],
    ['MSI-X, which no device has', [on(MSIX)], ['EINVAL']],
    ['errors off PCI Express', [on(ERR)], ['EINVAL']],
    ['an action of no interrupt', [{ index: REQ, flags: NONE | MASK }], ['ENOTTY']],
    ['no action', [{ index: INTX, flags: BOOL }], ['ENOTTY']],
    ['a request that nobody waits for', [{ index: REQ, flags: NONE | TRIGGER }], ['EINVAL']],
    [
      'a request',
      [on(REQ), { index: REQ, flags: NONE | TRIGGER }, off(REQ), off(REQ)],
      ['ok', 'ok', 'ok', 'EINVAL'],
    ],
    ['no eventfd for a request', [{ index: REQ, flags: EVENTFD | TRIGGER, fd: -1 }], ['ok']],
    ['a file that is no eventfd', [{ index: REQ, flags: EVENTFD | TRIGGER, fd: 3 }], ['EINVAL']],
    ['no file', [{ index: INTX, flags: EVENTFD | TRIGGER, fd: 9 }], ['EBADF']],
    ['standard input', [{ index: INTX, flags: EVENTFD | TRIGGER, fd: 0 }], ['EINVAL']],
  ] as const)('%s', (_, sets, expected) => {
    expect(answers(...sets)).toEqual(expected);
  });
});
