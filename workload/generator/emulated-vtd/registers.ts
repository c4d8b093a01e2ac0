import { isQueued } from '../../../model/vtd/emulated/queue.ts';
import {
  descriptorWords,
  FAULT,
  IQE,
  PFO,
  registerOf,
  type VtdRegisters,
} from '../../../model/vtd/emulated/registers.ts';
import { encode } from '../../../spec/bits.ts';
import { ContextGranularity, encodeDescriptor, IotlbGranularity } from '../../../spec/vtd/descriptor.ts';
import {
  contextCommand,
  globalCommand,
  invalidateAddress,
  iotlbCommand,
  queueAddress,
  rootTableAddress,
  TableMode,
} from '../../../spec/vtd/registers.ts';
import { VTD_LAYOUT } from '../../scopes/emulated-vtd-memory.ts';
import { oneIn, pick } from '../choice.ts';
import { drawWord } from '../emulated/any-field.ts';
import { drawInputPage } from './dma.ts';
import { drawSource, store, type VtdMove, write } from './move.ts';

const [TE = 0n] = encode(globalCommand, { TE: 1 });
const [SRTP = 0n] = encode(globalCommand, { SRTP: 1 });
const [QIE = 0n] = encode(globalCommand, { QIE: 1 });

/** What GCMD must hold so that nothing changes. */
function kept({ gsts }: VtdRegisters): bigint {
  return BigInt(gsts) & (TE | QIE);
}

const hasRoot = ({ rtaddr }: VtdRegisters): boolean => rtaddr !== 0n;

const writeRoot: VtdMove = {
  weight: ({ registers }) => (hasRoot(registers) ? 1 : 60),
  make({ vtd }, draw) {
    const isScalable = vtd.unit.scalable && !oneIn(4, draw);
    const TTM = oneIn(12, draw) ? draw(4) : isScalable ? TableMode.Scalable : TableMode.Legacy;
    const RTA = isScalable ? VTD_LAYOUT.scalableRoot : VTD_LAYOUT.legacyRoot;
    const [value = 0n] = encode(rootTableAddress, { TTM, RTA });
    return write('RTADDR', oneIn(12, draw) ? value ^ (1n << BigInt(draw(64))) : value);
  },
};

const setRoot: VtdMove = {
  weight: ({ registers }) => {
    if (!hasRoot(registers)) return 0;
    return (BigInt(registers.gsts) & SRTP) === 0n ? 60 : 1;
  },
  make: ({ registers }) => write('GCMD', kept(registers) | SRTP),
};

const translate: VtdMove = {
  weight: ({ registers: { gsts } }) => {
    if ((BigInt(gsts) & SRTP) === 0n) return 1;
    return (BigInt(gsts) & TE) === 0n ? 60 : 1;
  },
  make: ({ registers }) => write('GCMD', kept(registers) ^ TE),
};

const place: VtdMove = {
  weight: (state) => (isQueued(state) ? 1 : state.registers.iqa === 0n ? 20 : 2),
  make({ vtd }, draw) {
    const DW = vtd.unit.scalable && !oneIn(4, draw) ? 1 : 0;
    const QS = oneIn(6, draw) ? draw(3) : 0;
    const [value = 0n] = encode(queueAddress, { QS, DW, IQA: VTD_LAYOUT.queue });
    return write('IQA', value);
  },
};

const queue: VtdMove = {
  weight: (state) => (isQueued(state) ? 1 : state.registers.iqa === 0n ? 1 : 20),
  make: ({ registers }) => write('GCMD', kept(registers) ^ QIE),
};

/** Anywhere in the queue, or past its end. */
const tail: VtdMove = {
  weight: () => 1,
  make({ registers }, draw) {
    const words = descriptorWords(registers);
    const { head } = registers.queue;
    const index = pick([0, head, head + 1, Math.max(0, head - 1), draw(0x200), draw(0x8000)], draw);
    return write('IQT', registerOf(index, words) | (oneIn(8, draw) ? 0x10n : 0n));
  },
};

const contexts: VtdMove = {
  weight: (state) => (isQueued(state) ? 1 : 4),
  make(_, draw) {
    const CIRG = oneIn(10, draw) ? draw(4) : pick(Object.values(ContextGranularity), draw);
    const fields = { CIRG, SID: drawSource(draw), FM: draw(4), DID: 1 + draw(2) };
    const [value = 0n] = encode(contextCommand, { ICC: oneIn(12, draw) ? 0 : 1, ...fields });
    return write('CCMD', oneIn(12, draw) ? value ^ (1n << BigInt(draw(63))) : value);
  },
};

const pages: VtdMove = {
  weight: (state) => (isQueued(state) ? 1 : 3),
  make(_, draw) {
    const AM = oneIn(4, draw) ? draw(64) : draw(4);
    const [value = 0n] = encode(invalidateAddress, { AM, IH: draw(2), ADDR: drawInputPage(draw) });
    return write('IVA', value);
  },
};

const translations: VtdMove = {
  weight: (state) => (isQueued(state) ? 1 : 6),
  make(_, draw) {
    const IIRG = oneIn(10, draw) ? draw(4) : pick(Object.values(IotlbGranularity), draw);
    const [value = 0n] = encode(iotlbCommand, {
      ...{ IVT: oneIn(12, draw) ? 0 : 1, IIRG, DID: 1 + draw(2) },
      ...{ DW: draw(2), DR: draw(2) },
    });
    return write('IOTLB', value);
  },
};

const acknowledgeQueue: VtdMove = {
  weight: ({ registers: { fsts } }) => ((fsts & (IQE | PFO)) === 0 ? 0 : 14),
  make({ registers: { fsts } }, draw) {
    const set = fsts & (IQE | PFO);
    return write('FSTS', BigInt(oneIn(4, draw) ? draw(0x20) : set));
  },
};

/** What Linux's driver does: a wait descriptor in the place of the one at which the queue stands. */
const repair: VtdMove = {
  weight: ({ registers: { fsts } }) => ((fsts & IQE) === 0 ? 0 : 20),
  make({ registers }, draw) {
    const { base, head } = registers.queue;
    const words = descriptorWords(registers);
    const wait = encodeDescriptor('WAIT', { SW: 1, STATUS_DATA: draw(8), STATUS_ADDRESS: VTD_LAYOUT.status });
    return store(base + registerOf(head, words), wait.slice(0, words));
  },
};

const acknowledgeFault: VtdMove = {
  weight: ({ registers: { record } }) => ((record[1] & FAULT) === 0n ? 0 : 16),
  make: (_, draw) => write('FRCD', oneIn(12, draw) ? drawWord(draw) : FAULT),
};

const acknowledgeWait: VtdMove = {
  weight: ({ registers: { ics } }) => (ics === 0 ? 0 : 6),
  make: (_, draw) => write('ICS', oneIn(6, draw) ? 0n : 1n),
};

const reset: VtdMove = {
  weight: () => 1,
  make: () => ({ actor: 'operator', command: 'vtdReset', args: {} }),
};

/** What is done to registers, and the machine's reset. */
export const REGISTER_MOVES: readonly VtdMove[] = [
  ...[writeRoot, setRoot, translate, place, queue, tail, contexts, pages, translations],
  ...[acknowledgeQueue, repair, acknowledgeFault, acknowledgeWait, reset],
];
