import type { Call } from '../../../model/call.ts';
import { encode } from '../../../spec/bits.ts';
import type { Cd } from '../../../spec/smmuv3/cd.ts';
import { type Ste, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import { cdAt, contextWords, LAYOUT } from '../../../workload/scopes/emulated-memory.ts';
import type { Row } from './row.ts';

const guest = (command: Call['command'], args: Call['args']): Call => ({
  actor: 'guest:vm0',
  command,
  args,
});

const store = (address: bigint, ...words: readonly bigint[]): Call =>
  guest('emulatedStore', { address, words });

const dma = (args: Call['args']): Call => ({ actor: 'device:dev0', command: 'emulatedDma', args });

/** SMMUEN and EVENTQEN. */
const ON = guest('emulatedCr0', { value: 0b101 });

const TABLE = guest('emulatedStreamTable', { base: LAYOUT.streamTable, config: 8 });

const stage1: Partial<Ste> = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: cdAt(LAYOUT, 0) };

interface Case {
  readonly ste?: Partial<Ste>;
  readonly cd?: Partial<Cd>;
  readonly words?: readonly (readonly [at: bigint, word: bigint])[];
  readonly dma?: Call['args'];
  readonly set?: readonly string[];
  readonly table?: Call;
}

/** A DMA through an entry, a context descriptor and tables that a guest has stored. */
function walk(what: string, says: string, given: Case): Row {
  const { cd, words = [], set } = given;
  return {
    what: `walk: ${what}`,
    property: 'emulation-walks-as-architecture',
    scope: 'emulated',
    ...(set === undefined ? {} : { set: set.map((each) => `emulated.${each}`) }),
    calls: [
      given.table ?? TABLE,
      store(LAYOUT.streamTable, encode(ste, { ...stage1, ...given.ste })[0] ?? 0n),
      ...(cd === undefined ? [] : [store(cdAt(LAYOUT, 0), ...contextWords(LAYOUT, 0, cd))]),
      ...words.map(([at, word]) => store(at, word)),
      ON,
      dma({ iova: 0x1000n, ...given.dma }),
    ],
    says,
  };
}

const [ROOT, LEVEL1, LEVEL2, LEAVES] = [0x4_0000n, 0x4_1000n, 0x4_2000n, 0x4_3000n];
const UNMAPPED = { iova: 0x1f_0000n };
const TRANSLATION = 'event 0x10';

/** OpenVMM's software walker, in the order of the architecture's structures. */
export const OPENVMM_WALKS: readonly Row[] = [
  {
    ...walk('the words of an event are misplaced', 'the queue has event 0x10 0x4 ', { dma: UNMAPPED }),
    property: 'emulated-events-reach-the-queue',
  },
  walk('a fault is recorded although CD.R is 0', 'the architecture an abort in silence', {
    cd: { R: 0 },
    dma: UNMAPPED,
  }),
  walk('EPD0 is illegal', `the architecture ${TRANSLATION}`, { cd: { EPD0: 1 } }),
  walk('TTB1 is never walked', 'the architecture address 0x', {
    cd: { EPD1: 0, T1SZ: 16, TG1: 2, TTB1: ROOT },
    dma: { iova: 0xffff_0000_0000_1000n },
  }),
  walk('TBI0 is ignored', 'the architecture address 0x', {
    cd: { TBI0: 1 },
    dma: { iova: 0xab00_0000_0000_1000n },
  }),
  walk('a granule that is not advertised is taken', 'the architecture event 0xa', {
    cd: { TG0: 1 },
    set: ['IDR5.GRAN64K=0', 'IDR5.GRAN16K=0'],
  }),
  walk('T0SZ 40 is walked', 'the architecture event 0xa', { cd: { T0SZ: 40 } }),
  walk('T0SZ 8 is a translation fault', 'the architecture event 0xa', { cd: { T0SZ: 8 } }),
  walk('a block at level 0 is taken', 'the emulation gives address 0x', { words: [[ROOT, 0x441n]] }),
  walk('APTable is ignored', 'the emulation gives address 0x', {
    words: [[LEVEL1, LEVEL2 | 3n | (1n << 62n)]],
    dma: { write: true },
    set: ['IDR3.HAD=0'],
  }),
  walk('AFFD is ignored', 'the architecture address 0x', {
    cd: { AFFD: 1 },
    words: [[LEAVES + 8n, 0x20_1043n]],
  }),
  walk('CD.S is taken where nothing can stall', 'the architecture event 0xa', { cd: { S: 1 } }),
  walk('CD.ENDI is taken', 'the architecture event 0xa', { cd: { ENDI: 1 } }),
  walk('S1Fmt counts with S1CDMax 0', 'the emulation gives event 0x4', { ste: { S1Fmt: 1 } }),
  walk('the stream table is not aligned to its size', 'the architecture address 0x', {
    table: guest('emulatedStreamTable', { base: LAYOUT.streamTable + 0x40n, config: 8 }),
  }),
];
