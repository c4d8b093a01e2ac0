import { commands, encodeCommand, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Platform, SmmuHardware } from '../../platform/platform.ts';
import type { World } from '../../world/world.ts';
import { areasOf } from '../driver/domains.ts';
import { drive, type HardwareAction } from '../driver/driver.ts';
import { SYNC } from '../driver/flush.ts';
import { structureAt } from '../driver/layout.ts';
import type { DriverRules } from '../driver/rules.ts';
import { ABORT_STE, steUsedBits } from '../driver/ste.ts';
import { steEntry } from './entry.ts';
import type { DriverTables } from './machine.ts';
import type { MachineRules } from './rules.ts';
import { streamEntryOf } from './stream-entry.ts';
import { type Stream, streamsOf } from './streams.ts';

/** What the driver did while a command took the world from one state to another, and what it has written then. */
export interface Duties {
  readonly driver: DriverTables;
  readonly actions: readonly HardwareAction[];
}

/**
 * What the driver owes the caches: what `drive` says, with a stream's entry written as the rules have it, and then the
 * ATCs of devices whose stream moved or whose memory went away.
 */
export function dutiesOf(
  driver: DriverTables,
  before: World,
  after: World,
  rules: DriverRules & MachineRules,
): Duties {
  const driven = drive(driver, before, after, [], rules);
  if (driven.actions.length === 0) return { driver: driven.state, actions: driven.actions };
  const { platform } = after;
  const actions = withEntryUpdates(driven.actions, platform, driver, driven.state, rules);
  const atc = streamsOf(platform).flatMap((stream) =>
    owesAtc(stream, driver, driven.state, before, after, rules) ? [invalidateAtc(stream)] : [],
  );
  const firstTlbi = actions.findIndex(isTlbi);
  const at = rules.atcAfterTlb() || firstTlbi < 0 ? actions.length : firstTlbi;
  return { driver: driven.state, actions: actions.toSpliced(at, 0, ...atc) };
}

/** The driver's actions, each update of an entry being made of the values that the rules give. */
function withEntryUpdates(
  actions: readonly HardwareAction[],
  platform: Platform,
  before: DriverTables,
  after: DriverTables,
  rules: DriverRules & MachineRules,
): readonly HardwareAction[] {
  const updated = new Set<Stream>();
  return actions.flatMap((action): readonly HardwareAction[] => {
    if (action.kind === 'issue' && opcodeOf(action.commands[0] ?? []) === commands.CFGI_STE.opcode) return [];
    if (action.kind !== 'writeSte') return [action];
    const { smmu, streamId } = action;
    const stream = streamsOf(platform).find((s) => s.smmu === smmu && s.streamId === streamId) as Stream;
    if (updated.has(stream)) return [];
    updated.add(stream);
    const values = rules.steUpdate(entryIn(before, stream), entryIn(after, stream), steUsedBits);
    return values.flatMap((words): readonly HardwareAction[] => {
      const write: HardwareAction = { kind: 'writeSte', smmu, streamId, words };
      if (!rules.invalidatesSte()) return [write];
      return [write, { kind: 'issue', smmu, commands: [cfgiSte(platform, stream), SYNC] }];
    });
  });
}

function entryIn({ streamTables }: DriverTables, { smmu, streamId }: Stream) {
  return streamTables[smmu]?.[streamId] ?? ABORT_STE;
}

/**
 * The entries of a group with several StreamIDs are invalidated as the aligned block around them, named by the first.
 * Linux issues CFGI_STE for each; the architecture makes no difference, and so the range command is used by somebody.
 */
function cfgiSte({ devices }: Platform, { smmu, device, streamId }: Stream): CommandWords {
  const group = devices[device]?.group;
  const [first = streamId, ...others] = devices.flatMap((each) =>
    each.group === group && each.smmu === smmu ? each.streamIds : [],
  );
  if (others.length === 0) return encodeCommand('CFGI_STE', { StreamID: streamId, Leaf: 1 });
  let bits = 1;
  while (others.some((id) => Math.floor(id / 2 ** bits) !== Math.floor(first / 2 ** bits))) bits++;
  return encodeCommand('CFGI_STE_RANGE', { StreamID: first, Range: bits - 1 });
}

function isTlbi(action: HardwareAction): boolean {
  if (action.kind !== 'issue') return false;
  const opcode = opcodeOf(action.commands[0] ?? []);
  return opcode >= commands.TLBI_NH_ALL.opcode && opcode <= commands.TLBI_NSNH_ALL.opcode;
}

/** Whether a device could use ATS before, and now either its entry or the memory behind it is another. */
function owesAtc(
  stream: Stream,
  driverBefore: DriverTables,
  driverAfter: DriverTables,
  before: World,
  after: World,
  rules: MachineRules,
): boolean {
  if (!stream.ats) return false;
  const words = entryIn(driverBefore, stream);
  const { key } = steEntry(stream.index, words);
  const entry = streamEntryOf(after.platform.smmus[stream.smmu] as SmmuHardware, key, words);
  if (entry.kind !== 'nested' || !entry.ats) return false;
  if (steEntry(stream.index, entryIn(driverAfter, stream)).key !== key) return rules.moveInvalidatesAtc();
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
