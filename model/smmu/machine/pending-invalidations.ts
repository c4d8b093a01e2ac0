import { commands, encodeCommand, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { Interval } from '../../iommufd/interval.ts';
import { lostAreas } from '../../iommufd/lost-areas.ts';
import type { DeviceHardware } from '../../platform/platform.ts';
import { sameState } from '../../world/equal.ts';
import type { Rules } from '../../world/rules.ts';
import type { World } from '../../world/world.ts';
import { areasOf, attachmentOf, pagingOf, sameDomain } from '../driver/domains.ts';
import { drive, usesAts } from '../driver/driver.ts';
import { SYNC } from '../driver/flush.ts';
import type { DomainRef, DriverState, HardwareAction } from '../driver/state.ts';
import { ABORT_STE } from '../driver/ste.ts';
import type { SmmuMachineRules } from './rules.ts';
import { type Stream, streamsOf } from './streams.ts';

/** What the driver did while a command took the world from one state to another, and what it has written then. */
export interface PendingInvalidations {
  readonly driver: DriverState;
  readonly actions: readonly HardwareAction[];
}

/**
 * What the driver owes the caches: what `drive` says, and then the ATCs of devices whose stream moved or whose memory
 * went away.
 */
export function pendingInvalidations(
  driver: DriverState,
  before: World,
  after: World,
  rules: Pick<Rules, 'smmuDriver' | 'smmuMachine'>,
): PendingInvalidations {
  const driven = drive(driver, before, after, [], rules.smmuDriver);
  if (driven.actions.length === 0) return { driver: driven.state, actions: driven.actions };
  const state = {
    ...driven.state,
    atsMasters: countAts(driver, driven.state, before, after, rules.smmuMachine),
  };
  const { actions } = driven;
  const atc = streamsOf(after.platform).flatMap((stream) =>
    atcOwed(stream, driver, state, before, after, rules.smmuMachine),
  );
  const firstTlbi = actions.findIndex(isTlbi);
  const late = rules.smmuMachine.atcAfterTlb || firstTlbi < 0 ? actions.length : firstTlbi;
  const at = rules.smmuMachine.atcAfterEntry ? late : 0;
  return { driver: state, actions: actions.toSpliced(at, 0, ...atc) };
}

function entryIn({ streamTables }: DriverState, { smmu, streamId }: Stream) {
  return streamTables[smmu]?.[streamId] ?? ABORT_STE;
}

function isTlbi(action: HardwareAction): boolean {
  if (action.kind !== 'issue') return false;
  const opcode = opcodeOf(action.commands[0] ?? []);
  return opcode >= commands.TLBI_NH_ALL.opcode && opcode <= commands.TLBI_NSNH_ALL.opcode;
}

/** Whether a device has ATS where it is attached. */
function hasAtsIn(world: World, device: number): boolean {
  const { group } = world.platform.devices[device] as DeviceHardware;
  return usesAts(world.platform, device, attachmentOf(world, group));
}

function refIn(world: World, device: number): DomainRef | null {
  const attachment = attachmentOf(world, (world.platform.devices[device] as DeviceHardware).group);
  return attachment.kind === 'abort' ? null : attachment.ref;
}

/** How many devices have ATS on each of the domains, counted up and down as devices come and go. */
function countAts(
  from: DriverState,
  to: DriverState,
  before: World,
  after: World,
  rules: SmmuMachineRules,
): readonly number[] {
  const placeIn = ({ placed }: DriverState, ref: DomainRef | null): number =>
    ref === null ? -1 : placed.findIndex((other) => other !== null && sameDomain(other, ref));
  const counts = to.placed.map((ref, place) =>
    ref !== null && placeIn(from, ref) === place ? (from.atsMasters[place] ?? 0) : 0,
  );
  const add = (place: number, by: number): void => {
    if (place >= 0) counts[place] = (counts[place] ?? 0) + by;
  };
  for (const [device, { group }] of after.platform.devices.entries()) {
    if (before.groups[group] === after.groups[group]) continue;
    const had = hasAtsIn(before, device);
    const has = hasAtsIn(after, device);
    if (has) add(placeIn(to, refIn(after, device)), 1);
    if (rules.leavesWithAts(had, has)) add(placeIn(to, refIn(before, device)), -1);
  }
  return counts;
}

/** What is owed to the ATC of one stream; nothing where there is none. */
function atcOwed(
  stream: Stream,
  driverBefore: DriverState,
  driverAfter: DriverState,
  before: World,
  after: World,
  rules: SmmuMachineRules,
): readonly HardwareAction[] {
  if (!stream.ats) return [];
  if (isMoved(stream, driverBefore, driverAfter)) {
    const on = hasAtsIn(before, stream.device) || hasAtsIn(after, stream.device);
    return on && rules.moveInvalidatesAtc ? [invalidateAtc(stream, [EVERYTHING])] : [];
  }
  if (!hasAtsIn(after, stream.device)) return [];
  const ref = refIn(before, stream.device);
  if (ref === null) return [];
  const place = driverAfter.placed.findIndex((other) => other !== null && sameDomain(other, ref));
  if ((driverAfter.atsMasters[place] ?? 0) <= 0) return [];
  const gone = lostAreas(areasOf(before, ref), areasOf(after, ref));
  if (gone.length === 0) return [];
  // Which of a guest's own addresses led through the range, nobody knows.
  const whole = pagingOf(before, ref)?.nestParent === true;
  return [invalidateAtc(stream, whole ? [EVERYTHING] : gone.map((area) => spanOf(area, rules)))];
}

/** Whether a stream is led elsewhere: by its STE, or by its device's CD. */
function isMoved(stream: Stream, before: DriverState, after: DriverState): boolean {
  return (
    !sameState(entryIn(before, stream), entryIn(after, stream)) ||
    !sameState(before.contexts[stream.device], after.contexts[stream.device])
  );
}

/** The address and the Size of a CMD_ATC_INV. */
interface AtcSpan {
  readonly Address: bigint;
  readonly Size: number;
}

const EVERYTHING: AtcSpan = { Address: 0n, Size: 52 };
const PAGE_SHIFT = 12n;

/** The smallest aligned block of 2^Size pages with all of a range in it (arm_smmu_atc_inv_to_cmd()). */
function spanOf({ start, last }: Interval, rules: SmmuMachineRules): AtcSpan {
  const firstPage = start >> PAGE_SHIFT;
  const lastPage = last >> PAGE_SHIFT;
  const size = rules.atcSpan(firstPage, lastPage);
  return { Address: (firstPage >> BigInt(size)) << (BigInt(size) + PAGE_SHIFT), Size: size };
}

function invalidateAtc({ smmu, streamId }: Stream, spans: readonly AtcSpan[]): HardwareAction {
  const list = spans.map((span) => encodeCommand('ATC_INV', { StreamID: streamId, ...span }));
  return { kind: 'issue', smmu, commands: [...list, SYNC] };
}
