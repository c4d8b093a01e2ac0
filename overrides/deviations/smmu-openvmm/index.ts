import type { Override } from '../../../model/rules.ts';
import type { SmmuArchitectureRules } from '../../../model/smmu/architecture/rules.ts';
import { deviationsOf } from '../deviation.ts';

/*
 * OpenVMM's emulated SMMUv3 beside the architecture: how it walks the tables of devices that no physical SMMU serves.
 */

const deviation = deviationsOf<'smmuArchitecture'>('OpenVMM 1488a37b7cfe, read: vm/devices/iommu/smmu/src/');

/** Where events.rs puts PnU, InD, RnW, S2 and CLASS: from bit 64 of the record on, where STAG is. */
const WORD1_FIELDS = 0x39en;
const WORD1_SHIFT = 33n;
const SSV = 1n << 11n;

export const OPENVMM_WALKER: readonly Override[] = [
  deviation(
    'openvmm-event-fields-misplaced',
    'PnU, InD, RnW, S2 and CLASS of an event are written from bit 64 of the record on, SSV at bit 10',
    'events.rs',
    {
      smmuArchitecture: {
        queuedEvent: ([first = 0n, second = 0n, ...rest]) => [
          (first & SSV) === 0n ? first : (first & ~SSV) | (SSV >> 1n),
          (second & ~(WORD1_FIELDS << 32n)) | ((second >> WORD1_SHIFT) & 0x3fn),
          ...rest,
        ],
      },
    },
  ),
  deviation('openvmm-unrecorded-faults-recorded', 'a fault is recorded although CD.R=0', 'translate.rs', {
    smmuArchitecture: { contextAsRead: (context) => ({ ...context, R: 1 }) },
  }),
  deviation(
    'openvmm-epd0-is-illegal',
    'CD.EPD0=1 makes the CD illegal, where it should only disable walks by TTB0',
    'translate.rs',
    { smmuArchitecture: { contextAsRead: (context) => (context.EPD0 === 1 ? undefined : context) } },
  ),
  deviation(
    'openvmm-ttb1-never-walked',
    'TTB1 is never walked: its half of the address space faults',
    'translate.rs',
    {
      smmuArchitecture: { contextAsRead: (context) => ({ ...context, EPD1: 1 }) },
    },
  ),
  deviation(
    'openvmm-tbi0-ignored',
    'CD.TBI0 is ignored: the top byte counts as part of the address',
    'translate.rs',
    {
      smmuArchitecture: { ignoresTopByte: (upperHalf, _tbi0, tbi1) => upperHalf && tbi1 },
    },
  ),
  deviation(
    'openvmm-granules-unchecked',
    'a granule that IDR5 does not advertise is accepted',
    'translate.rs',
    {
      smmuArchitecture: { takesGranule: () => true },
    },
  ),
  deviation(
    'openvmm-sizes-unchecked',
    'a T0SZ above 39 is walked, and one below 16 gives a translation fault, where both make the CD illegal',
    'translate.rs',
    { smmuArchitecture: { sizeMeans: (txsz, smallest) => (txsz < smallest ? 'F_TRANSLATION' : 'walk') } },
  ),
  deviation('openvmm-level-0-block', 'a block descriptor at level 0 maps 512 GiB', 'translate.rs', {
    smmuArchitecture: { allowsBlock: () => true },
  }),
  deviation(
    'openvmm-aptable-ignored',
    'APTable is ignored: what lies below a read-only table can be writable',
    'translate.rs',
    {
      smmuArchitecture: { hierarchyCounts: false },
    },
  ),
  deviation(
    'openvmm-ap1-ignored',
    'AP[1] is ignored: unprivileged accesses are allowed (not verified)',
    'translate.rs',
    { smmuArchitecture: { distinguishesPrivilege: false } },
  ),
  deviation(
    'openvmm-affd-ignored',
    'CD.AFFD=1 is ignored: a clear access flag still faults',
    'translate.rs',
    { smmuArchitecture: { contextAsRead: (context) => ({ ...context, AFFD: 0 }) } },
  ),
  deviation(
    'openvmm-stall-taken',
    'CD.S=1 is accepted although nothing can stall, and HA and HD although there are no hardware updates (HA, HD: not verified)',
    'translate.rs',
    { smmuArchitecture: { contextAsRead: (context) => ({ ...context, S: 0, HA: 0, HD: 0 }) } },
  ),
  deviation(
    'openvmm-endianness-ignored',
    'CD.ENDI=1 is accepted although tables are little-endian only, and bits of TTB0 beyond IPS are ignored (TTB0: not verified)',
    'translate.rs',
    {
      smmuArchitecture: {
        contextAsRead: (context) => ({ ...context, ENDI: 0, TTB0: context.TTB0 & ttbMask(context.IPS) }),
      },
    },
  ),
  deviation(
    'openvmm-failed-fetch-is-bad-entry',
    'a failed fetch of an STE or CD is reported as an illegal entry, and of a descriptor as a translation fault',
    'translate.rs',
    {
      smmuArchitecture: {
        reportedName: (name) => {
          switch (name) {
            case 'F_STE_FETCH':
              return 'C_BAD_STE';
            case 'F_CD_FETCH':
              return 'C_BAD_CD';
            case 'F_WALK_EABT':
              return 'F_TRANSLATION';
            default:
              return name;
          }
        },
      },
    },
  ),
  deviation(
    'openvmm-s1fmt-counts-alone',
    'S1Fmt makes an STE illegal although S1CDMax is 0, in which case it is IGNORED',
    'translate.rs',
    {
      smmuArchitecture: {
        entryAsRead: (entry) => (entry.S1Fmt !== 0 && (entry.Config & 0b101) === 0b101 ? undefined : entry),
      },
    },
  ),
  deviation(
    'openvmm-bad-streamid-always-recorded',
    'C_BAD_STREAMID is recorded without CR2.RECINVSID',
    'translate.rs',
    { smmuArchitecture: { recordsBadStreamId: () => true } },
  ),
  deviation(
    'openvmm-table-base-not-aligned',
    'STRTAB_BASE is used as written, not aligned to the size of the stream table',
    'shared.rs',
    {
      smmuArchitecture: { streamTableAt: (base) => base },
    },
  ),
];

/** Bits of an address by CD.IPS. */
const IPS_BITS = [32n, 36n, 40n, 42n, 44n, 48n, 52n, 52n] as const;

function ttbMask(ips: number): bigint {
  return (1n << (IPS_BITS[ips] ?? 52n)) - 1n;
}

type ContextRule = SmmuArchitectureRules['contextAsRead'];

/** What all of them together make of a CD. */
const contextAsRead: ContextRule = (context) =>
  OPENVMM_WALKER.flatMap(({ rules }) =>
    rules.smmuArchitecture?.contextAsRead === undefined ? [] : [rules.smmuArchitecture?.contextAsRead],
  ).reduce<ReturnType<ContextRule>>((read, rule) => (read === undefined ? undefined : rule(read)), context);

/** OpenVMM's walker as a whole; its deviations read CDs one after the other. */
export const smmuOpenvmm: readonly Override[] = OPENVMM_WALKER.map((each) =>
  each.rules.smmuArchitecture?.contextAsRead === undefined
    ? each
    : { ...each, rules: { smmuArchitecture: { ...each.rules.smmuArchitecture, contextAsRead } } },
);
