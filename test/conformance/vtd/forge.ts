import { VtdMemory } from '../../model/vtd/architecture/machine.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Registers of QEMU's unit in scalable mode with a first stage, and those of one with a second. */
export const FIRST = { VER: '0x10', CAP: '0x81d2008c222f0606', ECAP: '0x880000f00f4a' };
export const SECOND = { VER: '0x10', CAP: '0x80d2008c222f0606', ECAP: '0x480080f00f4a' };

const COMMON = {
  implementation: 'a test',
  machine: 'a test',
  qemuArguments: '',
  generator: 'a test',
  registers: FIRST,
  hostAddressWidth: 48,
  ram: [{ base: '0x0', size: '0x10000000' }],
  stamped: { base: '0x1000000', size: '0x400000' },
  devices: ['0x18', '0x90', '0x100', '0x300'].map((sid) => ({ bdf: '', sid })),
};

/** Nothing is mapped, and that is what was recorded: there is no root table. */
export const ACCESS = {
  device: 0,
  iova: '0x1000',
  write: false,
  pa: null,
  fault: { record: ['0x1000', '0xc000000100000018'], reason: 1, sid: '0x18' },
  fsts: '0x2',
  value: '0x0',
};

export function wordsOf({ words }: VtdMemory): Readonly<Record<string, string>> {
  return Object.fromEntries([...words].map(([address, word]) => [hex(address), hex(word)]));
}

const REGISTERS = { RTADDR: '0x100000', GSTS: '0xc4000000' };

export function vectors(accesses: readonly unknown[], memory: VtdMemory | null = null) {
  const config = {
    mode: 'legacy',
    registers: REGISTERS,
    invalidatedBy: 'queue',
    memory: memory === null ? {} : wordsOf(memory),
    accesses,
  };
  return { format: 'vtd-vectors/1', ...COMMON, configs: [config] };
}

/** An episode that begins with the tables of `memory`. */
export function sequences(
  steps: readonly unknown[],
  memory: VtdMemory = new VtdMemory('scalable'),
  registers = FIRST,
) {
  const episode = {
    mode: memory.mode,
    registers: { ...REGISTERS, RTADDR: hex(memory.rootTable), IQA: '0x3000800' },
    memory: wordsOf(memory),
    steps,
  };
  return { format: 'vtd-sequences/1', ...COMMON, registers, episodes: [episode] };
}

/** A read or write by 0x18 that lands at `pa`, or is refused without a record. */
export function access(iova: bigint, pa: bigint | null, more: object = {}) {
  return {
    op: 'access',
    device: 0,
    iova: hex(iova),
    write: false,
    pa: pa === null ? null : hex(pa),
    record: ['0x0', '0x0'],
    fsts: '0x0',
    ...more,
  };
}

export function store(address: bigint, value: bigint) {
  return { op: 'store', address: hex(address), value: hex(value) };
}

export function invalidate(...descriptor: readonly bigint[]) {
  return { op: 'invalidate', name: '', descriptor: descriptor.map(hex) };
}
