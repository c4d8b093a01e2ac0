import { decode } from '../../../spec/bits.ts';
import {
  ContextGranularity,
  type Descriptor,
  decodeDescriptor,
  IotlbGranularity,
  isFunctionOf,
  PasidCacheGranularity,
  PasidIotlbGranularity,
} from '../../../spec/vtd/descriptor.ts';
import { contextCommand, invalidateAddress, iotlbCommand } from '../../../spec/vtd/registers.ts';
import { beyond, levelShift } from '../architecture/address.ts';
import { rootTableOf } from '../architecture/context.ts';
import { type ReadMemory64, WalkMemory } from '../architecture/outcome.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import { switchAll, switchDevice, syncPasidEntries, syncPasidEntry } from './switch.ts';
import type { QemuIotlbEntry, QemuVtd } from './unit.ts';

/** CAP_REG.MAMV of QEMU's unit: what an invalidation of pages covers at most. */
export const LARGEST_MASK = 18;
/** Descriptors of PASID caches need a queue of 256-bit descriptors (IQA_REG.DW). */
const WIDE = 4;

/** A descriptor is taken from the queue. After one that cannot be taken, the queue does not go on. */
export function invalidateByDescriptor(
  vtd: QemuVtd,
  words: readonly bigint[],
  read: ReadMemory64,
  rules: VtdArchitectureRules,
): QemuVtd {
  if (vtd.queueError) return vtd;
  return takeDescriptor(vtd, words, read, rules) ?? { ...vtd, queueError: true };
}

/** The same for a queue that somebody else keeps; null: it cannot be taken. What else a wait does is for the queue to do. */
export function takeDescriptor(
  vtd: QemuVtd,
  words: readonly bigint[],
  read: ReadMemory64,
  rules: VtdArchitectureRules,
): QemuVtd | null {
  const descriptor = decodeDescriptor(words);
  const isWide = descriptor?.name.startsWith('PASID_') === true;
  if (descriptor === null || (isWide && words.length !== WIDE)) return null;
  return execute(vtd, descriptor, new WalkMemory(read), rules);
}

function execute(
  vtd: QemuVtd,
  descriptor: Descriptor,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): QemuVtd | null {
  switch (descriptor.name) {
    case 'CONTEXT_CACHE': {
      const { G, SID, FM } = descriptor.fields;
      return invalidateContexts(vtd, G, SID, FM, memory, rules);
    }
    case 'IOTLB': {
      const { G, DID, ADDR, AM } = descriptor.fields;
      return invalidateIotlb(vtd, G, DID, ADDR, AM, rules);
    }
    case 'PASID_IOTLB': {
      const { G, DID, PASID, ADDR, AM } = descriptor.fields;
      if (PASID !== 0) return G === PasidIotlbGranularity.Page && AM > LARGEST_MASK ? null : vtd;
      // All of a PASID takes what is cached of a second stage too; its pages take only that of a first stage.
      if (G === PasidIotlbGranularity.All) return drop(vtd, ({ domainId }) => domainId === DID);
      if (AM > LARGEST_MASK) return null;
      const within = pages(ADDR, AM, rules);
      return drop(vtd, (entry) => entry.firstStage && entry.domainId === DID && within(entry));
    }
    case 'DEVICE_TLB':
    case 'PASID_DEVICE_TLB': {
      const { PFSID_LOW, PFSID_HIGH } = descriptor.fields;
      return (PFSID_LOW | PFSID_HIGH) !== 0 && !vtd.unit.deviceTlbThrottling ? null : vtd;
    }
    case 'PAGE_GROUP_RESPONSE': {
      const { pageRequests } = vtd.unit;
      const isTaken = rules.pageResponseNeedsRequests ? pageRequests : descriptor.fields.PP === 1;
      return isTaken ? vtd : null;
    }
    case 'PASID_CACHE': {
      const { G, DID, PASID } = descriptor.fields;
      const domainId = G === PasidCacheGranularity.Global ? null : DID;
      const pasid = G === PasidCacheGranularity.Pasid ? PASID : null;
      return syncPasidEntries(vtd, memory, rules, { domainId, pasid });
    }
    default:
      return vtd;
  }
}

function invalidateContexts(
  vtd: QemuVtd,
  granularity: number,
  sourceId: number,
  functionMask: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): QemuVtd {
  if (granularity !== ContextGranularity.Device) {
    const emptied = switchAll({ ...vtd, contexts: {} }, memory, rules);
    return syncPasidEntries(emptied, memory, rules);
  }
  return vtd.sourceIds
    .filter((each) => isFunctionOf(each, sourceId, functionMask))
    .reduce((before, each) => invalidateContext(before, each, memory, rules), vtd);
}

function invalidateContext(
  vtd: QemuVtd,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): QemuVtd {
  const { [sourceId]: _, ...contexts } = vtd.contexts;
  const switched = switchDevice({ ...vtd, contexts }, sourceId, memory, rules);
  return vtd.unit.firstStage ? syncPasidEntry(switched, sourceId, memory, rules) : switched;
}

function invalidateIotlb(
  vtd: QemuVtd,
  granularity: number,
  domainId: number,
  address: bigint,
  mask: number,
  rules: VtdArchitectureRules,
): QemuVtd | null {
  switch (granularity) {
    case IotlbGranularity.Global:
      return { ...vtd, iotlb: {} };
    case IotlbGranularity.Domain:
      return drop(vtd, (entry) => entry.domainId === domainId);
    case IotlbGranularity.Page: {
      if (mask > LARGEST_MASK) return null;
      const within = pages(address, mask, rules);
      return drop(vtd, (entry) => entry.domainId === domainId && (entry.firstStage || within(entry)));
    }
    default:
      return null;
  }
}

/** Entries that begin in a block of 2^mask pages, or whose own page holds the address. */
function pages(
  address: bigint,
  mask: number,
  rules: VtdArchitectureRules,
): (entry: QemuIotlbEntry) => boolean {
  const block = beyond(mask % 32);
  const page = (address >> 12n) & block;
  return (entry) =>
    (entry.page & block) === page ||
    (rules.invalidationReachesLargePage && entry.page === (address & beyond(levelShift(entry.level))) >> 12n);
}

function drop(vtd: QemuVtd, covers: (entry: QemuIotlbEntry) => boolean): QemuVtd {
  const all = Object.entries(vtd.iotlb);
  const kept = all.filter(([, entry]) => !covers(entry));
  return kept.length === all.length ? vtd : { ...vtd, iotlb: Object.fromEntries(kept) };
}

/** CCMD_REG is written (VT-d 11.4.5). */
export function writeContextCommand(
  vtd: QemuVtd,
  value: bigint,
  read: ReadMemory64,
  rules: VtdArchitectureRules,
): QemuVtd {
  const { ICC, CIRG, SID, FM } = decode(contextCommand, [value]);
  if (ICC === 0 || CIRG === 0) return vtd;
  return invalidateContexts(vtd, CIRG, SID, FM, new WalkMemory(read), rules);
}

/** IOTLB_REG is written, IVA_REG holding `pagesWord` (VT-d 11.4.8). */
export function writeIotlbCommand(
  vtd: QemuVtd,
  value: bigint,
  pagesWord: bigint,
  rules: VtdArchitectureRules,
): QemuVtd {
  const { IVT, IIRG, DID } = decode(iotlbCommand, [value]);
  const { ADDR, AM } = decode(invalidateAddress, [pagesWord]);
  return IVT === 0 ? vtd : (invalidateIotlb(vtd, IIRG, DID, ADDR, AM, rules) ?? vtd);
}

/** GCMD_REG.SRTP or a change of TE: every cache is emptied. */
export function setVtdRegisters(
  vtd: QemuVtd,
  rootTable: bigint | null,
  enabled: boolean,
  read: ReadMemory64,
  rules: VtdArchitectureRules,
): QemuVtd {
  if (rootTable === null && enabled === vtd.enabled) return vtd;
  const memory = new WalkMemory(read);
  const emptied: QemuVtd = {
    ...vtd,
    enabled,
    root: rootTable === null ? vtd.root : rootTableOf(vtd.unit, rootTable, rules),
    iotlb: {},
    contexts: {},
    pasidEntries: {},
  };
  return syncPasidEntries(switchAll(emptied, memory, rules), memory, rules);
}
