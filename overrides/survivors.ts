import type { Rules } from '../model/rules.ts';

const IN_VECTORS_ELSEWHERE =
  'QEMU answers otherwise, and the vectors kept here do not ask; the cases of test/overrides/deviations do';

const IN_MORE_RUNS =
  'found in more runs than are made here: the defect of that decision point is, in a check of it (docs/generated/defects.md)';

const IN_CASES_OF_VTD =
  'the replay of VT-d recordings tries the named departures of QEMU by itself, so that none parts from them by this alone; it has a case in test/overrides/deviations/vtd-qemu-11 or test/conformance/vtd/caches.test.ts';

/** Why another answer of a decision point violates no property and contradicts no recording. */
const SURVIVORS: {
  readonly [Machine in keyof Rules]?: { readonly [Point in keyof Rules[Machine]]?: string };
} = {
  iommufd: {
    changeProcessLooksForPages: IN_MORE_RUNS,
    compatMapNeedsProtection:
      'a mapping that can neither be read nor written lets no request through, so nothing that a property looks at changes',
    tellsNoMemory: IN_MORE_RUNS,
  },
  accesses: { looksForIoas: IN_MORE_RUNS },
  pageRequests: {
    groupIsReadWhole: IN_MORE_RUNS,
    answers:
      'a kernel that takes only one of two answers refuses more than it should, which no property forbids',
  },
  msi: {
    mapMsiChecksLength:
      'asked by IOAS_MAP_MSI, which the intended kernel does not have; the page of MSI designs compares those that do',
    messageHasHostData:
      "the message has the guest's data only where it is forwarded, as forwarded-giova does",
  },
  legacy: {
    everyGroupBringsCookie:
      'it matters where the first group of a container has doorbells before the SMMU and a later one has not; container-cookie-of-first-group has a trace of it',
  },
  vmm: {
    asksWithoutDevice:
      'nobody asks while the operator decides the registers; id-handle and driver-backdoor change both',
    parentIs:
      'vIOMMUs with tags of their own may share a nesting parent; the price is what is mapped there, which moves-open-nothing looks at under parent-shared-by-container',
    refusedSteTells: 'the intended VMM passes on no STE that the kernel refuses, so there is nothing to tell',
    queuesAreAligned: 'guests that are generated align their queues, and so do those that were recorded',
    bootNeedsRegisters: 'the intended VMM has always decided its registers before it boots; inherit has not',
  },
  smmuDriver: {
    groupIsInvalidatedAsRange:
      'the same StreamIDs are invalidated with one command or with several; it matters where ranges are decoded wrongly, which ste-range-unaligned does',
  },
  smmuArchitecture: {
    checksStage2HardwareUpdates: IN_VECTORS_ELSEWHERE,
    commandErrorStays:
      'CMDQ_CONS.ERR is UNKNOWN once the error is acknowledged, so no property reads it; test/overrides/deviations/smmu-qemu-11 has the case',
    refusesByCache:
      'a hit that refuses what a walk refuses too differs in the event alone, which a cached translation of another permission is needed for; conformance/recordings/qemu-11.1.3/observations-v2.json has the case',
    checksStrw: IN_VECTORS_ELSEWHERE,
    invalidatedPieces: IN_MORE_RUNS,
    checksS2ptw: IN_VECTORS_ELSEWHERE,
    cdFetchAddressWord: IN_VECTORS_ELSEWHERE,
  },
  vtdArchitecture: {
    ridPasidIsUsed: IN_CASES_OF_VTD,
    directorySizeIsChecked: IN_CASES_OF_VTD,
    secondStageFlagsAreWritten: IN_CASES_OF_VTD,
    cachesAreOpen: IN_CASES_OF_VTD,
    hitsGoByDomain: IN_CASES_OF_VTD,
    cachedContextChecksPresence: IN_CASES_OF_VTD,
    passThroughCanBeInvalidated: IN_CASES_OF_VTD,
    levelsAreBounded: IN_CASES_OF_VTD,
    bareWaitIsTaken: IN_CASES_OF_VTD,
  },
  vtd: {
    flushedAddressIsChecked: IN_MORE_RUNS,
    replaceBreaksFirst:
      'the intended update of an entry is written as a whole; vtd-pasid-entry-replaced-live changes both, and is found',
  },
};

/** Why a mutation of the decision point at this path survives; undefined: that is not known. */
export function survival(path: string): string | undefined {
  const [machine = '', point = ''] = path.split('.');
  const ofMachine: Readonly<Record<string, string>> | undefined = SURVIVORS[machine as keyof Rules];
  return ofMachine?.[point];
}

/** The paths of the decision points whose mutations are known to survive. */
export const SURVIVING: readonly string[] = Object.entries(SURVIVORS).flatMap(([machine, points]) =>
  Object.keys(points).map((point) => `${machine}.${point}`),
);
