import { AgentError } from '../../lab/agent-error.ts';
import type { QtestProcess } from '../../lab/qtest/process.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { ID_REGISTER_NAMES } from '../../spec/smmuv3/id-registers.ts';
import { emulatedPlatform } from '../../workload/scopes/emulated.ts';
import { bootMemory } from '../../workload/scopes/emulated-memory.ts';
import type { QtestMachine } from '../emulated/machine.ts';
import { fill, readl, writel, writeq } from '../emulated/operations.ts';
import { SMMU_MOVES } from './moves.ts';
import {
  barOf,
  COMMAND_QUEUE,
  DEVICE_TREE,
  ECAM,
  EVENT_QUEUE,
  LAYOUT,
  LOG2_ENTRIES,
  PATTERN,
  RAM,
  registerAt,
  SCRATCH,
  STAMPED,
  TABLES,
} from './places.ts';
import { planSmmu } from './plan.ts';

/** Where the configuration space of a device is: a StreamID is device and function on bus 0. */
function configurationOf(stream: number): bigint {
  return ECAM + BigInt(stream) * 4096n;
}

/** QEMU's command line, but for its control sockets. */
const WORDS: readonly string[] = [
  ...['-machine', 'virt,gic-version=3', '-m', '1G'],
  ...['-device', 'arm-smmuv3,primary-bus=pcie.0,id=smmu0,stage=nested'],
  ...['-global', 'edu.dma_mask=0xffffffffffffffff'],
  ...LAYOUT.streams.flatMap((stream) => [
    '-device',
    `edu,bus=pcie.0,addr=${(stream >> 3).toString(16)}.${stream & 7},multifunction=on`,
  ]),
];

/** The machine, with an SMMU that says this of itself. */
export function hardwareWith(registers: EmulatedHardware['registers']): EmulatedHardware {
  return { registers, memory: bootMemory(LAYOUT), ram: { ...RAM, stamped: STAMPED } };
}

const BAR0 = 0x10n;
const COMMAND = 0x04n;
/** Memory accesses, and DMA. */
const ENABLED = 0x6;

async function describe(
  qemu: QtestProcess,
): Promise<{ readonly platform: Platform; readonly summary: string }> {
  const read = await qemu.send(ID_REGISTER_NAMES.map((name) => readl(registerAt(name))));
  if (read.end !== 'ok')
    throw new AgentError(`QEMU does not answer${qemu.said === '' ? '' : `: ${qemu.said}`}`);
  const values = read.answers.map((answer) => Number(answer));
  const registers = Object.fromEntries(ID_REGISTER_NAMES.map((name, at) => [name, values[at]]));
  if (((values[0] ?? 0) & STAGES) === 0)
    throw new AgentError(`at ${registerAt('IDR0').toString(16)} there is no SMMUv3`);
  return {
    platform: emulatedPlatform(hardwareWith(registers as unknown as EmulatedHardware['registers'])),
    summary: `machine virt, arm-smmuv3 stage=nested, ${LAYOUT.streams.length} edu`,
  };
}

const STAGES = 3;

export const SMMU_MACHINE: QtestMachine = {
  program: 'qemu-system-aarch64',
  words: WORDS,
  ram: RAM,
  stamped: STAMPED,
  tables: TABLES,
  watched: [],
  pattern: PATTERN,
  scratch: SCRATCH,
  // No device tree.
  wake: [
    fill(DEVICE_TREE),
    ...LAYOUT.streams.flatMap((stream) => [
      writel(configurationOf(stream) + BAR0, Number(barOf(stream))),
      writel(configurationOf(stream) + COMMAND, ENABLED),
    ]),
  ],
  // The queues, as large as they can be.
  begin: [
    writeq(registerAt('CMDQ_BASE'), COMMAND_QUEUE | BigInt(LOG2_ENTRIES)),
    writeq(registerAt('EVENTQ_BASE'), EVENT_QUEUE | BigInt(LOG2_ENTRIES)),
  ],
  forget: [writeq(registerAt('STRTAB_BASE'), 0n), writel(registerAt('STRTAB_BASE_CFG'), 0)],
  barOf,
  describe,
  identity: ({ emulated }) =>
    ID_REGISTER_NAMES.flatMap((name) =>
      emulated === undefined
        ? []
        : [
            {
              what: name,
              is: 'readl',
              address: registerAt(name),
              value: BigInt(emulated.registers[name] >>> 0),
            },
          ],
    ),
  plan: planSmmu,
  moves: SMMU_MOVES,
};
