import { CD_FORMAT, INVALID_CD } from '../../model/smmu/driver/cd.ts';
import { type EntryFormat, isHitless } from '../../model/smmu/driver/entry-update.ts';
import type { DriverState } from '../../model/smmu/driver/state.ts';
import { ABORT_STE } from '../../model/smmu/driver/ste.ts';
import { requestOf } from '../../model/smmu/machine/dma.ts';
import { withMachine } from '../../model/smmu/machine/hardware.ts';
import type { Work } from '../../model/smmu/machine/machine.ts';
import type { DmaOutcome, DmaRequest } from '../../model/smmu/machine/outcome.ts';
import { outcomesOf } from '../../model/smmu/machine/outcomes.ts';
import type { Stream } from '../../model/smmu/machine/streams.ts';
import { viewOf } from '../../model/smmu/machine/view-of.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { decodeEvent } from '../../spec/smmuv3/event.ts';
import { canChangeHitless, isValidSte } from '../iommufd/ste-hitless.ts';
import { hex } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** A DMA while the driver writes something, and the call that makes it. */
interface Between {
  readonly world: World;
  readonly work: Work;
  readonly stream: Stream;
  readonly request: DmaRequest;
}

function between({ before, command, result }: Transition): Between | null {
  const { machine, platform } = before;
  if (command.command !== 'dma' || !result.ok || machine === null || machine.work === null) return null;
  const asked = requestOf(platform, command.args, command.actor);
  // A pSMMU that is off writes nothing to look at.
  if (asked === null || machine.registers[asked.stream.smmu]?.enabled !== true) return null;
  return { world: before, work: machine.work, ...asked };
}

/** What a DMA would meet if the driver had written this, with the domains where they are during the call. */
function outcomesUnder(
  { world, request }: Between,
  { streamTables, contexts }: DriverState,
): readonly string[] {
  const driver = world.machine?.driver as DriverState;
  const other = withMachine(world, { driver: { ...driver, streamTables, contexts } });
  return outcomesOf(other, viewOf(other), request).map(keyOf);
}

function keyOf(outcome: DmaOutcome): string {
  switch (outcome.kind) {
    case 'reaches':
      return hex(outcome.address);
    case 'faults': {
      const name = decodeEvent(outcome.event)?.name;
      return name === BAD_STE || name === BAD_CD ? name : outcome.event.map(hex).join();
    }
    case 'aborts':
      return 'abort';
  }
}

const BAD_STE = 'C_BAD_STE';
const BAD_CD = 'C_BAD_CD';

/**
 * What a DMA may meet because an entry cannot be changed by one doubleword, and is invalid in between. An entry that comes
 * or goes is no such thing: nothing leads to it then.
 */
function refusals({ work: { from, to }, stream: { smmu, streamId, device } }: Between): readonly string[] {
  const steIn = ({ streamTables }: DriverState) => streamTables[smmu]?.[streamId] ?? ABORT_STE;
  const cdIn = ({ contexts }: DriverState) => contexts[device] ?? INVALID_CD;
  return [
    ...(isSteBroken(steIn(from), steIn(to)) ? [BAD_STE] : []),
    ...(isBroken(cdIn(from), cdIn(to), CD_FORMAT) ? [BAD_CD] : []),
  ];
}

function isSteBroken(from: Words, to: Words): boolean {
  return isValidSte(from) && isValidSte(to) && !canChangeHitless(from, to);
}

function isBroken(from: Words, to: Words, format: EntryFormat): boolean {
  return format.isValid(from) && format.isValid(to) && !isHitless(from, to, format);
}

export const dmaBetweenWritesIsOldOrNew: StepProperty = {
  id: 'dma-between-writes-is-old-or-new',
  sentence:
    'DMA between two writes of the driver behaves as under the old entry or the new one. It meets an invalid entry only if one doubleword cannot make the change.',
  source: 'IHI0070 3.21.3; arm_smmu_write_entry()',
  kind: 'step',
  brokenBy: 'ste-doubleword-torn',
  appliesTo: followsCaches,
  violated(transition) {
    const dma = between(transition);
    if (dma === null) return null;
    const { work } = dma;
    const allowed = new Set([
      ...outcomesUnder(dma, work.from),
      ...outcomesUnder(dma, work.to),
      ...refusals(dma),
    ]);
    const torn = outcomesUnder(dma, dma.world.machine?.driver as DriverState).find(
      (key) => !allowed.has(key),
    );
    return torn === undefined
      ? null
      : `after ${work.total - work.left.length} of ${work.total} writes DMA may end in ${torn}, with neither the old entry nor the new one`;
  },
  witness: (transition) => {
    const dma = between(transition);
    return dma !== null && dma.work.left.length < dma.work.total;
  },
};
