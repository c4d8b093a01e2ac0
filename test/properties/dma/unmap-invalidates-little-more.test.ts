import { describe, expect, it } from 'vitest';
import { resolveCall } from '../../../model/call.ts';
import { lostAreas } from '../../../model/iommufd/lost-areas.ts';
import { composeRules, intended } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { unmapInvalidatesLittleMore } from '../../../properties/smmu/unmap-invalidates-little-more.ts';
import { decodeCommand } from '../../../spec/smmuv3/command.ts';
import { guestDma } from '../../../workload/scopes/guest-dma.ts';
import { pageByPage } from '../../../workload/scopes/page-by-page.ts';
import { callOf, type Line, play } from '../../support/script.ts';

const VA = 0xffff_f6ff_9000n;

/** Four pages on a device's domain, in an IOAS in which areas can be cut. */
const MAPPED: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasMap', { fd: 'io', ioasId: 'ioas', flags: 7, userVa: VA, iova: 0x4000n, length: 0x4000n }],
  ['option', { fd: 'io', optionId: 1, objectId: 'ioas', val64: 0n }],
  ['vfioIoas', { fd: 'io', ioasId: 'ioas', op: 1 }],
  ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
];

function unmapOf(iova: bigint, length: bigint, platform = guestDma.platform, rules = intended) {
  const { world: before, bindings } = play(platform, MAPPED, rules);
  const command = resolveCall(callOf(['vfioUnmapDma', { fd: 'io', iova, length }]), bindings);
  return { before, command, ...step(before, command, rules) };
}

/** The pages that TLBIs by address named, and the ATC_INVs, as `address+size`. */
function named(effects: ReturnType<typeof unmapOf>['effects']): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind !== 'smmuCommands'
      ? []
      : effect.commands.flatMap((words) => {
          const command = decodeCommand(words);
          if (command?.name === 'TLBI_NH_VA')
            return [
              `${command.fields.Address.toString(16)}+${(command.fields.NUM + 1) << command.fields.SCALE}`,
            ];
          return command?.name === 'ATC_INV' ? [`atc ${command.fields.Address.toString(16)}`] : [];
        }),
  );
}

describe('what is left of an area that is cut', () => {
  it('stays in the TLB and in the ATC', () => {
    const unmap = unmapOf(0x5000n, 0x1000n);
    expect(unmap.result.ok).toBe(true);
    expect(named(unmap.effects)).toEqual(['5000+1', 'atc 5000']);
    expect(unmapInvalidatesLittleMore.violated(unmap)).toBeNull();
    expect(unmapInvalidatesLittleMore.witness(unmap)).toBe(true);
  });

  it('is not lost', () => {
    const area = {
      start: 0x4000n,
      last: 0x7fffn,
      va: VA,
      readable: true,
      writeable: true,
      pagesWriteable: true,
    };
    const head = { ...area, last: 0x4fffn };
    const tail = { ...area, start: 0x6000n, va: VA + 0x2000n };
    expect(lostAreas([area], [head, tail])).toEqual([{ start: 0x5000n, last: 0x5fffn }]);
    expect(lostAreas([area], [])).toEqual([{ start: 0x4000n, last: 0x7fffn }]);
    // Something else in its place is not what was there.
    expect(lostAreas([area], [{ ...tail, va: VA }])).toEqual([{ start: 0x4000n, last: 0x7fffn }]);
  });
});

describe('an unmap that empties its tag', () => {
  const rules = composeRules(OVERRIDES.filter(({ name }) => name === 'unmap-empties-tag'));

  it('invalidates more than it must, where it could name the pages', () => {
    const unmap = unmapOf(0x4000n, 0x4000n, pageByPage.platform, rules);
    expect(unmapInvalidatesLittleMore.violated(unmap)).toBe('vfioUnmapDma invalidates everything of ASID 1');
  });
});
