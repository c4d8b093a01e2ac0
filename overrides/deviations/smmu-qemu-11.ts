import { composeRules, type Override } from '../../model/rules.ts';
import { naturalPieces, type SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import { refusedPiece } from '../../model/smmu/qemu/access-size.ts';
import { lowMask } from '../../spec/smmuv3/address.ts';
import { listed, table } from '../table.ts';
import { outsideRamOfVirt } from './memory-of-virt.ts';

/** Every known departure of QEMU 11's emulated SMMUv3 from the architecture. */
export const SMMU_QEMU_11 = table({
  'ap1-ignored': {
    kind: 'deviation',
    summary:
      'AP[1], APTable[0] and CD.PAN are ignored: every access has the rights of a privileged one, though events say PnU = 0.',
    source: 'QEMU 11.1.3 vectors; Arm ARM D8.4',
    rules: { smmuArchitecture: { distinguishesPrivilege: false } },
  },
  'aptable-checked-at-table': {
    kind: 'deviation',
    summary:
      'A write that APTable forbids faults at the table descriptor, before any fault of a deeper level.',
    source: 'QEMU 11.1.3 vectors; Arm ARM D8.4',
    rules: { smmuArchitecture: { checksApTableAtTable: true } },
  },
  'bad-ste-beyond-span': {
    kind: 'deviation',
    summary: 'A StreamID beyond the Span of its L1STD gives C_BAD_STE instead of C_BAD_STREAMID.',
    source: 'QEMU 11.1.3 observation "2-level: SID beyond span"; IHI0070 7.3.3',
    rules: { smmuArchitecture: { eventBeyondSpan: 'C_BAD_STE' } },
  },
  'bypass-beyond-oas': {
    kind: 'deviation',
    summary: 'A bypassed address beyond OAS is passed on instead of aborted with F_ADDR_SIZE.',
    source: 'QEMU 11.1.3 observation "bypass, IOVA >= 2^44 (beyond OAS)"; IHI0070 3.4',
    rules: { smmuArchitecture: { bypassMayOutput: () => true } },
  },
  'cached-translation-refuses': {
    kind: 'deviation',
    summary:
      'What a cached translation does not permit faults without an IPA if it is a write, and ends without an event if it is a read.',
    source:
      'QEMU 11.1.3 observations "nested: S2 perm fault on cached entry (after read)" and "S2 WO read after WO write cached"; IHI0070 7.3.16',
    rules: { smmuArchitecture: { refusesByCache: true } },
  },
  'cd-fetch-address-in-dword-2': {
    kind: 'deviation',
    summary: 'F_CD_FETCH has its FetchAddr in doubleword 2 instead of 3.',
    source: 'QEMU 11.1.3 observation "CD pointer outside RAM"; IHI0070 7.3.10',
    rules: { smmuArchitecture: { cdFetchAddressWord: 2 } },
  },
  'command-error-stays': {
    kind: 'deviation',
    summary: 'CMDQ_CONS.ERR keeps the last error after GERRORN has acknowledged it.',
    source: 'QEMU 11.1.3 over qtest; IHI0070 6.3.27: ERR is UNKNOWN then',
    rules: { smmuArchitecture: { commandErrorStays: true } },
  },
  'commands-unjudged': {
    kind: 'deviation',
    summary:
      'Commands for what the ID registers do not announce (EL2, EL3, ATC_INV, PRI_RESP, RESUME, STALL_TERM, ranges with neither a length nor a level, CMD_SYNC with CS = 3) are consumed instead of CERROR_ILL.',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c: smmuv3_cmdq_consume(); IHI0070 4.1.3',
    rules: { smmuArchitecture: { judgesCommands: false } },
  },
  'configuration-faults-read': {
    kind: 'deviation',
    summary: 'Stage-2 faults on the CD and on the TTBs report RnW = 1, whatever the transaction does.',
    source: 'QEMU 11.1.3 vectors; IHI0070 7.3.13',
    rules: { smmuArchitecture: { configurationFaultReads: () => true } },
  },
  'context-pointer-unchecked': {
    kind: 'deviation',
    summary: 'An S1ContextPtr beyond OAS is fetched, and gives F_CD_FETCH instead of C_BAD_STE.',
    source: 'QEMU 11.1.3 vectors (differences/s1-contextptr-beyond-oas); IHI0070 5.2',
    rules: { smmuArchitecture: { checksContextPointer: false } },
  },
  'ends-at-aarch32': {
    kind: 'deviation',
    summary: 'A guest ends the emulator by STE.S2AA64 = 0 with stage 2.',
    source: 'QEMU 11.1.3 over qtest: g_assert_not_reached() in hw/arm/smmuv3.c; IHI0070 5.2: C_BAD_STE',
    rules: { smmuArchitecture: { aarch32: 'ends' } },
  },
  'ends-at-reserved-ips': {
    kind: 'deviation',
    summary: 'A guest ends the emulator by the reserved values of CD.IPS (7) and by that of 52 bits (6).',
    source: 'QEMU 11.1.3 over qtest: oas2bits() in hw/arm/smmuv3-internal.h; IHI0070 5.4: capped to OAS',
    rules: { smmuArchitecture: { largestOutputSize: 'ends' } },
  },
  'fault-every-4-bytes': {
    kind: 'deviation',
    summary: 'A DMA that faults is tried again for each aligned 4 bytes of it, and each records an event.',
    source: 'QEMU 11.1.3 over qtest: 2 records for 8 bytes, 2 or 3 for 4 that are not aligned; IHI0070 7.2',
    rules: { smmuArchitecture: { faultedBytes: refusedPiece } },
  },
  'first-concatenated-table-only': {
    kind: 'deviation',
    summary:
      'Of concatenated stage-2 tables only the first is used: IPA bits above one table are dropped from the index.',
    source: 'QEMU 11.1.3 observation "S2-only 2M block via 2nd concatenated L1 table"; Arm ARM D8.2.2',
    rules: {
      smmuArchitecture: {
        // The number of the table is added before S2TTB is aligned to all of them, which takes it away again.
        stage2FirstDescriptor: (s2ttb, alignment, index, stride) => {
          const table = (index >> BigInt(stride)) << BigInt(stride + 3);
          return ((s2ttb + table) & ~alignment) + ((index & lowMask(stride)) << 3n);
        },
      },
    },
  },
  'full-event-queue-is-gerror': {
    kind: 'deviation',
    summary: 'A full event queue raises GERROR.EVENTQ_ABT_ERR instead of toggling EVENTQ_PROD.OVFLG.',
    source: 'QEMU 11.1.3 observation "EVTQ overflow (2 entries, 3 faults)"; IHI0070 7.4',
    rules: { smmuArchitecture: { fullEventQueue: 'EVENTQ_ABT_ERR' } },
  },
  'input-beyond-ias-unrecorded': {
    kind: 'deviation',
    summary: 'Input beyond IAS on a stage-2-only stream aborts without F_ADDR_SIZE.',
    source: 'QEMU 11.1.3 observation "S2 IPA beyond IAS=OAS (2^45)"; IHI0070 3.4',
    rules: { smmuArchitecture: { recordsInputBeyondIas: false } },
  },
  'ipa-keeps-low-bits': {
    kind: 'deviation',
    summary: 'The IPA of an event keeps its low twelve bits.',
    source: 'QEMU 11.1.3 observation "nested: S2 translation fault on final IPA"; IHI0070 7.3.13, IPA[51:12]',
    rules: { smmuArchitecture: { reportedIpa: (ipa) => ipa } },
  },
  'level-2-pointer-unmasked': {
    kind: 'deviation',
    summary: 'Bits 52 to 63 of an L1STD, which are RES0, are part of the address of its level 2 array.',
    source: 'QEMU 11.1.3 over qtest: F_STE_FETCH at 0x1000004407e000; IHI0070 5.1',
    rules: { smmuArchitecture: { level2Array: (descriptor) => descriptor & ~lowMask(5) } },
  },
  'lower-table-faults-as-stage-1': {
    kind: 'deviation',
    summary:
      'A stage-2 fault on a stage-1 table below the TTB is reported with S2 = 0 and the address of the table, and only if CD.R is set.',
    source: 'QEMU 11.1.3 observation "nested: S1 L1 table IPA unmapped in S2"; IHI0070 7.3.13',
    rules: {
      smmuArchitecture: {
        tableFault: (fault, { table, first }, stage1Records) =>
          first
            ? fault
            : {
                ...fault,
                stage: 1,
                address: table,
                recorded: fault.name === 'F_WALK_EABT' || stage1Records,
              },
      },
    },
  },
  'output-size-checked-last': {
    kind: 'deviation',
    summary: 'The output size of a page or block is checked after its access flag and permissions.',
    source: 'QEMU 11.1.3 vectors; Arm ARM D8.15, MMU fault priority',
    rules: { smmuArchitecture: { checksOutputSizeFirst: false } },
  },
  'range-begins-below-granule': {
    kind: 'deviation',
    summary:
      'A range invalidation begins at its address also where that is not aligned to TG; of a piece smaller than the granule nothing but the entry that has its first address is dropped.',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c: smmuv3_range_inval(); IHI0070 4.4.1',
    rules: {
      smmuArchitecture: {
        invalidatedPieces: (address, bytes, granule) =>
          naturalPieces(address, bytes).map((piece) => ({
            address: piece.address,
            // So many granules, less one byte; of none that is everything.
            mask: BigInt.asUintN(64, (((piece.mask + 1n) >> BigInt(granule)) << BigInt(granule)) - 1n),
          })),
      },
    },
  },
  'reads-outside-ram': {
    kind: 'deviation',
    summary:
      "CDs and tables in flash and device registers read as zero, and in PCI's windows as ones, where there is an external abort.",
    source: 'QEMU 11.1.3 vectors (differences/ttb0-in-flash), and over qtest, machine virt',
    rules: { smmuArchitecture: { outsideRam: outsideRamOfVirt } },
  },
  'recinvsid-ignored': {
    kind: 'deviation',
    summary: 'C_BAD_STREAMID is recorded whatever CR2.RECINVSID says.',
    source: 'QEMU hw/arm/smmuv3.c: smmu_find_ste(); no recording; IHI0070 6.3.12',
    rules: { smmuArchitecture: { recordsBadStreamId: () => true } },
  },
  'reserved-blocks-accepted': {
    kind: 'deviation',
    summary:
      'Block descriptors are accepted at every level, those that VMSAv8-64 reserves too (4K level 0, 16K and 64K level 1).',
    source: 'QEMU 11.1.3 vectors; Arm ARM D8.3',
    rules: { smmuArchitecture: { allowsBlock: () => true } },
  },
  's2-hardware-updates-unchecked': {
    kind: 'deviation',
    summary: 'STE.S2HA and S2HD are ignored instead of illegal without IDR0.HTTU.',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c, stage-2 decoding; IHI0070 5.2',
    rules: { smmuArchitecture: { checksStage2HardwareUpdates: false } },
  },
  's2-input-below-start-level': {
    kind: 'deviation',
    summary:
      'An S2T0SZ so large that the start level of S2SL0 would resolve no bit of the input is accepted instead of illegal; more than three bits below, the table is looked for at address 0.',
    source:
      'QEMU 11.1.3 vectors (differences/s2-start-level-below-input-3-bits, -4-bits); IHI0070 5.2, S2SL0; Arm ARM D8.2',
    rules: {
      smmuArchitecture: {
        smallestStage2FirstBits: Number.NEGATIVE_INFINITY,
        // A shift by a negative number, which x86-64 takes modulo 64: more than three bits below, the table is at 0.
        stage2Alignment: (bits) => lowMask(bits < 0 ? 64 + bits : bits),
      },
    },
  },
  's2-ipa-unmasked': {
    kind: 'deviation',
    summary: 'Bits 52 to 63 of the address of CMD_TLBI_S2_IPA, which are RES0, count.',
    source: 'QEMU 11.1.3 over qtest: bit 60 set, the entry stays; IHI0070 4.4.3',
    rules: { smmuArchitecture: { invalidatedIpa: (word) => word & ~lowMask(12) } },
  },
  's2ptw-unchecked': {
    kind: 'deviation',
    summary: 'STE.S2PTW is not checked: stage-1 tables are walked in what stage 2 calls Device memory.',
    source: 'QEMU 11.1.3 observation "nested: S2PTW=1, TTB page is Device in S2"; IHI0070 5.2',
    rules: { smmuArchitecture: { checksS2ptw: false } },
  },
  's2t0sz-bounded-by-s2ps': {
    kind: 'deviation',
    summary: 'An S2T0SZ whose input is larger than S2PS makes the STE illegal, though IAS bounds the input.',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c, stage-2 decoding; IHI0070 5.2',
    rules: { smmuArchitecture: { largestStage2Input: (_ias, outputBits) => outputBits } },
  },
  'span-doubled': {
    kind: 'deviation',
    summary: 'An L1STD of Span n covers 2^n StreamIDs instead of 2^(n-1).',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c, stream table lookup; IHI0070 5.1',
    rules: { smmuArchitecture: { entriesOfSpan: (span) => 2 ** span } },
  },
  'stage-1-fields-always-checked': {
    kind: 'deviation',
    summary: 'S1CDMax and S1STALLD make an STE illegal although it enables stage 2 only.',
    source: 'QEMU hw/arm/smmuv3.c, STE decoding; no recording; IHI0070 5.2',
    rules: { smmuArchitecture: { validatesStage1Fields: () => true } },
  },
  'stream-table-half-aligned': {
    kind: 'deviation',
    summary:
      'A stream table is aligned to half its size, and a level 2 array not at all: the highest bit of STRTAB_BASE that is to be ignored counts.',
    source: 'QEMU hw/arm/smmuv3.c: smmu_find_ste(); no recording; IHI0070 6.3.24, 5.1',
    rules: {
      smmuArchitecture: {
        streamTableAt: (base, alignment, level) => (level === 2 ? base : base & ~(alignment >> 1n)),
      },
    },
  },
  'stream-table-survives-reset': {
    kind: 'deviation',
    summary:
      'STRTAB_BASE and STRTAB_BASE_CFG keep their values over a system reset, but a two-level table is a linear one then.',
    source: 'QEMU 11.1.3 over qtest: STE.V of the table is read, C_BAD_STE; IHI0070 6.3.24: UNKNOWN then',
    rules: { smmuArchitecture: { resetForgetsTable: false } },
  },
  'strw-unchecked': {
    kind: 'deviation',
    summary:
      'STE.STRW is ignored: an EL2 stream is accepted without IDR0.HYP, and is translated as any other.',
    source:
      'QEMU 11.1.3 observation "STE s1, STRW=EL2 (IDR0.HYP=0), CD.V=0", vectors (differences/strw2-upper-half, strw2-bad-t1sz); IHI0070 5.2',
    rules: { smmuArchitecture: { checksStrw: false, followsStrw: false } },
  },
  'substreams-counted-without-them': {
    kind: 'deviation',
    summary: 'S1CDMax makes an STE illegal although the SMMU has no substreams, in which case it is IGNORED.',
    source: 'QEMU 11.1.3 over qtest; hw/arm/smmuv3.c: decode_ste(); IHI0070 5.2',
    rules: { smmuArchitecture: { countsS1CdMax: () => true } },
  },
  'table-base-translated-only': {
    kind: 'deviation',
    summary:
      'Only the base of a stage-1 table goes through stage 2; its descriptors are read at physical offsets from there, over page boundaries of stage 2.',
    source: 'QEMU 11.1.3 vectors; IHI0070 3.3.2',
    rules: {
      smmuArchitecture: {
        descriptorAddress: ({ table, alignment, offset }, translate) => {
          const address = translate(table);
          return typeof address === 'bigint' ? (address & ~alignment) + offset : address;
        },
      },
    },
  },
  'table-size-unchecked': {
    kind: 'deviation',
    summary:
      'Next-level table addresses are not checked against the output size. Under nested translation, one beyond CD.IPS gives F_ADDR_SIZE with CLASS = TT and an IPA, unless it lies in a page or block that stage 2 has just translated.',
    source: 'QEMU 11.1.3 vectors; Arm ARM D8.2',
    rules: {
      smmuArchitecture: {
        tableBeyondOutputSize: (owner, known) =>
          owner === 'nested-stage-1' && !known ? 'table-fault' : 'unchecked',
      },
    },
  },
  'tbi1-from-tbi0': {
    kind: 'deviation',
    summary: 'The top byte is ignored in the TTB1 half where CD.TBI0 says so; CD.TBI1 is not looked at.',
    source: 'QEMU 11.1.3 vectors; IHI0070 5.4, CD.TBI1',
    rules: { smmuArchitecture: { ignoresTopByte: (_upperHalf, tbi0) => tbi0 } },
  },
  'ttb-cut-to-ips': {
    kind: 'deviation',
    summary: 'The physical address that stage 2 gave for a TTB is cut to CD.IPS, which bounds the IPA only.',
    source: 'QEMU 11.1.3 vectors; IHI0070 3.4',
    rules: { smmuArchitecture: { firstDescriptorAddress: (address, ips) => address & lowMask(ips) } },
  },
  'ttbs-translated-with-cd': {
    kind: 'deviation',
    summary:
      'Stage 2 translates both TTBs when the CD is decoded, so that an unused TTB1 can fault. The results are kept until CFGI.',
    source:
      'QEMU 11.1.3 observation "nested: S2 of TTB0 page zapped + TLBI_S12_VMALL (no CFGI)"; IHI0070 3.3.2',
    rules: { smmuArchitecture: { translatesTtbsWithCd: true } },
  },
  'two-level-stays': {
    kind: 'deviation',
    summary:
      'A stream table that has been two-level stays so when STRTAB_BASE_CFG is written with a linear one.',
    source: 'QEMU 11.1.3 observation "switch back to linear table"; IHI0070 6.3.25',
    rules: { smmuArchitecture: { twoLevelStays: true } },
  },
});

/** The same, in their order. */
export const smmuQemu11Deviations: readonly Override[] = listed(SMMU_QEMU_11);

/** The architecture with these deviations put over it. */
export function withDeviations(deviations: readonly Override[]): SmmuArchitectureRules {
  return composeRules(deviations).smmuArchitecture;
}

/** The rules of QEMU 11's emulated SMMUv3. */
export const smmuQemu11: SmmuArchitectureRules = withDeviations(smmuQemu11Deviations);
