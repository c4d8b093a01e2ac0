import { commands, encodeCommand, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { SmmuHardware } from '../../platform/platform.ts';
import type { Rules } from '../../world/rules.ts';
import type { World } from '../../world/world.ts';
import { areasOf } from '../driver/domains.ts';
import { drive } from '../driver/driver.ts';
import { SYNC } from '../driver/flush.ts';
import { structureAt } from '../driver/layout.ts';
import type { DriverState, HardwareAction } from '../driver/state.ts';
import { ABORT_STE } from '../driver/ste.ts';
import { steEntry } from './entry.ts';
import type { SmmuMachineRules } from './rules.ts';
import { streamEntryOf } from './stream-entry.ts';
import { type Stream, streamsOf } from './streams.ts';

/** What the driver did while a command took the world from one state to another, and what it has written then. */
export interface Duties {
  readonly driver: DriverState;
  readonly actions: readonly HardwareAction[];
}

/**
 * What the driver owes the caches: what `drive` says, and then the ATCs of devices whose stream moved or whose memory
 * went away.
 */
export function dutiesOf(
  driver: DriverState,
  before: World,
  after: World,
  rules: Pick<Rules, 'smmuDriver' | 'smmuMachine'>,
): Duties {
  const driven = drive(driver, before, after, [], rules.smmuDriver);
  if (driven.actions.length === 0) return { driver: driven.state, actions: driven.actions };
  const { platform } = after;
  const { actions } = driven;
  const atc = streamsOf(platform).flatMap((stream) =>
    owesAtc(stream, driver, driven.state, before, after, rules.smmuMachine) ? [invalidateAtc(stream)] : [],
  );
  const firstTlbi = actions.findIndex(isTlbi);
  const late = rules.smmuMachine.atcAfterTlb || firstTlbi < 0 ? actions.length : firstTlbi;
  const at = rules.smmuMachine.atcAfterEntry ? late : 0;
  return { driver: driven.state, actions: actions.toSpliced(at, 0, ...atc) };
}

function entryIn({ streamTables }: DriverState, { smmu, streamId }: Stream) {
  return streamTables[smmu]?.[streamId] ?? ABORT_STE;
}

function isTlbi(action: HardwareAction): boolean {
  if (action.kind !== 'issue') return false;
  const opcode = opcodeOf(action.commands[0] ?? []);
  return opcode >= commands.TLBI_NH_ALL.opcode && opcode <= commands.TLBI_NSNH_ALL.opcode;
}

/** Whether a device could use ATS before, and now either its entry or the memory behind it is another. */
function owesAtc(
  stream: Stream,
  driverBefore: DriverState,
  driverAfter: DriverState,
  before: World,
  after: World,
  rules: SmmuMachineRules,
): boolean {
  if (!stream.ats) return false;
  const words = entryIn(driverBefore, stream);
  const { key } = steEntry(stream.index, words);
  const entry = streamEntryOf(after.platform.smmus[stream.smmu] as SmmuHardware, key, words);
  if (entry.kind !== 'nested' || !entry.ats) return false;
  if (steEntry(stream.index, entryIn(driverAfter, stream)).key !== key) return rules.moveInvalidatesAtc;
  const structure = structureAt(entry.table);
  const ref = structure?.kind === 'table' ? (driverBefore.placed[structure.place] ?? null) : null;
  if (ref === null) return false;
  const left = areasOf(after, ref);
  return areasOf(before, ref).some((area) => !left.includes(area));
}

function invalidateAtc({ smmu, streamId }: Stream): HardwareAction {
  const everything = encodeCommand('ATC_INV', { StreamID: streamId, Size: 52 });
  return { kind: 'issue', smmu, commands: [everything, SYNC] };
}
