import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import { guestWord } from '../../model/platform/guest-memory.ts';
import type { Emulated } from '../../model/smmu/emulated/emulated.ts';
import { hex } from '../look.ts';
import type { ReadWord } from '../own/bits.ts';
import type { Pair } from '../own/command.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { PairProperty, Run, Transition, Violation } from '../property.ts';
import { answerText, type EmulatedAccess, emulatedAccess } from './emulation.ts';
import { executed } from './executed.ts';
import { namesConfiguration, namesTranslation } from './own-invalidation.ts';
import { type Ended, ownTags, ownWalk, type Start, type Tags } from './own-walk.ts';

/** What a guest's tables were for a while: its memory, and where its stream table is. */
interface Version {
  readonly start: Start;
  readonly read: ReadWord;
  readonly of: Pick<Emulated, 'memory' | 'twin'>;
}

/** A command that was executed, and the version that was there then. */
interface Executed {
  readonly pair: Pair;
  readonly at: number;
}

/** What has been of an emulated SMMUv3 until now. */
interface History {
  readonly versions: Version[];
  readonly commands: Executed[];
  /** Streams that have accessed memory. */
  readonly streams: Set<number>;
  /** The first version since the last reset. */
  first: number;
}

type Found = Ended | 'unsaid';

const PAGE_SHIFT = 12;

function versionOf(hardware: EmulatedHardware, emulated: Emulated): Version | null {
  const { twin, memory } = emulated;
  if (twin.stes.kind !== 'memory') return null;
  const start = { idr: hardware.registers, table: twin.stes.table };
  return { start, read: (address) => guestWord(hardware, memory, address), of: emulated };
}

/** Notes the tables before a step. */
function see({ versions }: History, { before }: Transition): void {
  const { emulated, platform } = before;
  if (emulated === null || platform.emulated === undefined) return;
  const last = versions.at(-1)?.of;
  if (last?.memory === emulated.memory && last.twin.stes === emulated.twin.stes) return;
  const version = versionOf(platform.emulated, emulated);
  if (version !== null) versions.push(version);
}

/** Notes what was invalidated in a step. */
function forget(history: History, transition: Transition): void {
  const at = history.versions.length - 1;
  for (const pair of executed(transition)) history.commands.push({ pair, at });
  const { command, result } = transition;
  if (command.command === 'emulatedReset' && command.args.ends && result.ok) history.first = at;
}

/** The versions that a stream may be configured by: since a command has named its STE, or the CD with it. */
function configurationsOf(history: History, stream: number): readonly Version[] {
  const last = history.commands.findLast(({ pair }) => namesConfiguration(pair, stream, true));
  return history.versions.slice(Math.max(history.first, last?.at ?? 0));
}

/** TTL, which a command may leave out: those with one name entries of a level, and are left to others. */
function hasLevel([, second]: Pair): boolean {
  return ((second >> 8n) & 3n) !== 0n;
}

/** The versions of tables whose translations may be held under these tags. */
function tablesOf(history: History, tags: Tags, address: bigint, ranges: boolean): readonly Version[] {
  const input = (address >> BigInt(PAGE_SHIFT)) << BigInt(PAGE_SHIFT);
  const page = { ...tags, granule: PAGE_SHIFT, level: 3, input, shift: PAGE_SHIFT };
  const last = history.commands.findLast(
    ({ pair }) => !hasLevel(pair) && namesTranslation(pair, page, ranges),
  );
  return history.versions.slice(Math.max(history.first, last?.at ?? 0));
}

function sameTags(a: Tags, b: Tags): boolean {
  return a.asid === b.asid && a.vmid === b.vmid;
}

/** A configuration that a stream has had, with its tags. */
interface Known {
  readonly stream: number;
  readonly by: Version;
  readonly tags: Tags;
}

/** Every configuration by which something may have been fetched. */
function everyConfiguration({ versions, streams }: History): readonly Known[] {
  return [...streams].flatMap((stream) =>
    versions.flatMap((by) => {
      const tags = ownTags(by.start, stream, by.read);
      return tags === null ? [] : [{ stream, by, tags }];
    }),
  );
}

/**
 * Where a transaction may end: by each configuration, and by all that may be cached under the tags of that, whoever left it there.
 * Of a VMID that has had two stages 2 nothing is said: what the SMMU has fetched through one serves the other.
 */
function* possible(history: History, access: EmulatedAccess): Generator<Found> {
  const { stream, iova: address, write } = access.args;
  const ranges = access.emulated.twin.implementation.idr3.RIL === 1;
  const every = everyConfiguration(history);
  for (const { start, read } of configurationsOf(history, stream)) {
    yield ownWalk(start, { stream, address, write }, read);
    const tags = ownTags(start, stream, read);
    if (tags === null) continue;
    const seconds = every.flatMap((each) => (each.tags.vmid === tags.vmid ? (each.tags.second ?? []) : []));
    if (new Set(seconds).size > 1) yield 'unsaid';
    const sharing = every.filter((each) => sameTags(each.tags, tags));
    for (const tables of tablesOf(history, tags, address, ranges))
      for (const other of sharing)
        yield ownWalk(other.by.start, { stream: other.stream, address, write }, other.by.read, tables.read);
  }
}

/** Why an answer can come of nothing that is or was there. */
function unexplained(history: History, access: EmulatedAccess): Violation {
  const { args, answer, emulated } = access;
  if (!emulated.twin.enabled || args.ssv) return null;
  history.streams.add(args.stream);
  const isExplained = (found: Found): boolean =>
    found === 'unsaid' ||
    (answer.address === undefined
      ? found === 'silent' || 'event' in found
      : found !== 'silent' && 'address' in found && found.address === answer.address);
  const now = history.versions.at(-1);
  if (now === undefined) return null;
  const { stream, iova: address, write } = args;
  if (isExplained(ownWalk(now.start, { stream, address, write }, now.read))) return null;
  for (const found of possible(history, access)) if (isExplained(found)) return null;
  return `a ${write ? 'write' : 'read'} of stream ${stream} to ${hex(address)} gives ${answerText(answer)}, which no table has said since it was invalidated last`;
}

function firstUnexplained({ transitions }: Run): Violation {
  const history: History = { versions: [], commands: [], streams: new Set(), first: 0 };
  for (const transition of transitions) {
    see(history, transition);
    const access = emulatedAccess(transition);
    const violation = access === null ? null : unexplained(history, access);
    if (violation !== null) return violation;
    forget(history, transition);
  }
  return null;
}

export const emulationUsesWhatMayBeCached: PairProperty = {
  id: 'emulation-uses-what-may-be-cached',
  sentence:
    'A transaction through an emulated SMMUv3 ends where the tables of its stream lead now, or have led since they were last invalidated.',
  source: 'IHI0070 3.17, 3.21, 4.3, 4.4; a second reading of both walk and commands',
  kind: 'pair',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'range-taken-for-power-of-two',
  violated: firstUnexplained,
  witness: ({ transitions }) =>
    transitions.some((each) => emulatedAccess(each)?.answer.address !== undefined) &&
    transitions.some((each) => executed(each).length > 0),
};
