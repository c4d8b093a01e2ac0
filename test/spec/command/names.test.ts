import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../../checker/trace/parse.ts';
import { COMMANDS } from '../../../model/world/command.ts';
import { flagged, type NumberArgument, u32, valued } from '../../../spec/command/argument.ts';
import { numberOfText, numberText } from '../../../spec/command/names.ts';
import { HWPT_ALLOC, HWPT_DATA } from '../../../spec/iommufd/constants.ts';

const NUMBERS: readonly (readonly [string, NumberArgument])[] = Object.entries(COMMANDS).flatMap(
  ([command, { args }]) =>
    Object.entries(args).flatMap(([name, argument]) =>
      argument.kind === 'number' ? [[`${command}.${name}`, argument] as const] : [],
    ),
);

describe('a number of a command', () => {
  test.prop([fc.constantFrom(...NUMBERS), fc.nat(), fc.maxSafeNat()], { numRuns: 500 })(
    'can be given as it is printed',
    ([, argument], small, large) => {
      for (const value of [small, large, small % 64, argument.max].filter((each) => each <= argument.max))
        expect(numberOfText(argument, numberText(argument, value))).toBe(value);
    },
  );

  it('is read by its names, joined, and beside bits that have none', () => {
    const argument = flagged(HWPT_ALLOC);
    expect(numberOfText(argument, 'NEST_PARENT')).toBe(1);
    expect(numberOfText(argument, 'NEST_PARENT|PASID')).toBe(9);
    expect(numberOfText(argument, 'NEST_PARENT | 0x80000000')).toBe(0x8000_0001);
    expect(numberOfText(argument, '0x10')).toBe(16);
    expect(numberOfText(valued(HWPT_DATA), 'ARM_SMMUV3')).toBe(2);
    expect(numberOfText(valued(HWPT_DATA), '7')).toBe(7);
  });

  it.each(['', '|', 'NEST_PARENT|', 'nest_parent', 'toString', '__proto__', '-0', '1.5', '0x', ' 1 2'])(
    'is not %j',
    (text) => {
      expect(numberOfText(flagged(HWPT_ALLOC), text)).toBeNull();
    },
  );

  it('has names only where it is declared with them', () => {
    expect(numberOfText(u32, 'NEST_PARENT')).toBeNull();
  });
});

describe('a trace', () => {
  const withFlags = (flags: string): string =>
    JSON.stringify({
      format: 'nestcheck-trace/1',
      scope: 'one-smmu',
      design: {},
      defects: [],
      property: null,
      guarantee: null,
      steps: [
        {
          actor: 'vmm:vm0',
          command: 'hwptAlloc',
          args: { flags },
          result: { ok: false, errno: 'EBADF', out: {} },
        },
      ],
      violation: null,
    });

  it('may say flags by name', () => {
    expect(parseTrace(withFlags('NEST_PARENT|DIRTY_TRACKING')).steps[0]?.args).toEqual({ flags: 3 });
  });

  it('is told which names there are', () => {
    expect(() => parseTrace(withFlags('NESTPARENT'))).toThrow(
      'steps[0].args.flags: expected an integer from 0 to 4294967295, or some of NEST_PARENT, DIRTY_TRACKING, FAULT_ID_VALID, PASID',
    );
  });
});
