import { decode } from '../../../spec/bits.ts';
import { l1ContextDescriptor } from '../../../spec/smmuv3/cd.ts';
import type { ReadMemory64 } from './access.ts';
import { configurationFault, type Fault } from './outcome.ts';
import type { TranslateIpa } from './rules.ts';
import type { ContextTable } from './ste.ts';

const CD_BYTES = 64;
const CD_WORDS = 8;

/** Which CD serves a transaction: its index, or no stage 1 at all, or the event that ends it. */
export type ChosenContext = number | 'bypass' | Fault;

const BAD_SUBSTREAMID = configurationFault('C_BAD_SUBSTREAMID');

/** Chooses the CD for a SubstreamID, or for its absence (IHI0070 3.3.2, STE.{S1CDMax,S1DSS}). */
export function chooseContext(contexts: ContextTable, substreamId: number | undefined): ChosenContext {
  if (substreamId === undefined) {
    if (contexts.log2Size === 0) return 0;
    switch (contexts.withoutSubstream) {
      case 'terminate':
        return configurationFault('F_STREAM_DISABLED');
      case 'bypass':
        return 'bypass';
      case 'substream-0':
        return 0;
    }
  }
  if (contexts.log2Size === 0 || substreamId >= 2 ** contexts.log2Size) return BAD_SUBSTREAMID;
  if (substreamId === 0 && contexts.withoutSubstream === 'substream-0') return BAD_SUBSTREAMID;
  return substreamId;
}

/**
 * Reads the CD of that index, through a level 1 table where there is one (IHI0070 5.3, 5.4): its eight words,
 * C_BAD_SUBSTREAMID, F_CD_FETCH, or the stage-2 fault of its address.
 */
export function fetchCd(
  contexts: ContextTable,
  index: number,
  translate: TranslateIpa,
  read: ReadMemory64,
): readonly bigint[] | Fault {
  if (contexts.log2Size === 0 || contexts.format === 'linear') {
    return readCd(contexts.pointer + BigInt(index * CD_BYTES), translate, read);
  }
  const l2Bytes = contexts.format === '4K-L2' ? 0x1000 : 0x10000;
  const l2Entries = l2Bytes / CD_BYTES;
  const l1Address = translate(contexts.pointer + BigInt(Math.floor(index / l2Entries) * 8));
  if (typeof l1Address !== 'bigint') return l1Address;
  const l1 = read(l1Address);
  if (l1 === undefined) return configurationFault('F_CD_FETCH', l1Address);
  const { V, L2Ptr } = decode(l1ContextDescriptor, [l1]);
  if (V === 0) return BAD_SUBSTREAMID;
  return readCd(L2Ptr + BigInt((index % l2Entries) * CD_BYTES), translate, read);
}

function readCd(pointer: bigint, translate: TranslateIpa, read: ReadMemory64): readonly bigint[] | Fault {
  const address = translate(pointer);
  if (typeof address !== 'bigint') return address;
  const words: bigint[] = [];
  for (let word = 0; word < CD_WORDS; word++) {
    const value = read(address + BigInt(word * 8));
    if (value === undefined) return configurationFault('F_CD_FETCH', address);
    words.push(value);
  }
  return words;
}
