import { AgentError } from '../../lab/agent-error.ts';
import type { QtestProcess } from '../../lab/qtest/process.ts';
import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { decode } from '../../spec/bits.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import { emulatedVtdPlatform } from '../../workload/scopes/emulated-vtd.ts';
import {
  type Stage,
  VTD_RAM,
  VTD_SOURCES,
  VTD_STAMPED,
  VTD_TABLES,
  vtdBootMemory,
} from '../../workload/scopes/emulated-vtd-memory.ts';
import type { QtestMachine } from '../emulated/machine.ts';
import { readq } from '../emulated/operations.ts';
import { VTD_MOVES } from './moves.ts';
import { pcWords, WAKE } from './pc.ts';
import { barOf, PATTERN, RAM, registerAt, SCRATCH } from './places.ts';
import { planVtd, WATCHED } from './plan.ts';

/** A kind of unit that QEMU makes, by its properties. */
interface UnitKind {
  readonly name: string;
  readonly summary: string;
  readonly properties: string;
  readonly hostAddressWidth: number;
  readonly isScalable: boolean;
  readonly stage: Stage;
  readonly levels: 3 | 4;
}

const KINDS: readonly UnitKind[] = [
  {
    ...{ name: 'scalable-first', summary: 'scalable mode, with first-stage tables' },
    properties: 'scalable-mode=on,fsts=on,aw-bits=48',
    ...{ isScalable: true, hostAddressWidth: 48, stage: 'first', levels: 4 },
  },
  {
    ...{ name: 'scalable-second', summary: 'scalable mode, with second-stage tables' },
    properties: 'scalable-mode=on,fsts=off,aw-bits=48',
    ...{ isScalable: true, hostAddressWidth: 48, stage: 'second', levels: 4 },
  },
  {
    ...{ name: 'legacy-48', summary: 'legacy mode, addresses of 48 bits' },
    properties: 'scalable-mode=off,aw-bits=48',
    ...{ isScalable: false, hostAddressWidth: 48, stage: 'second', levels: 4 },
  },
  {
    ...{ name: 'legacy-39', summary: 'legacy mode, addresses of 39 bits' },
    properties: 'scalable-mode=off,aw-bits=39',
    ...{ isScalable: false, hostAddressWidth: 39, stage: 'second', levels: 3 },
  },
];

/** A machine with a unit of one kind, by whose name it goes. */
export interface VtdMachine extends QtestMachine {
  readonly name: string;
  readonly summary: string;
  /** The platform, with a unit that says this of itself. */
  platformWith(registers: { readonly cap: bigint; readonly ecap: bigint }): Platform;
  /** Whether a unit is of this kind, by what it says of itself. */
  has(unit: EmulatedVtdHardware): boolean;
}

export const VTD_MACHINES: readonly VtdMachine[] = KINDS.map(machineOf);

function machineOf({
  name,
  summary,
  properties,
  hostAddressWidth,
  isScalable,
  stage,
  levels,
}: UnitKind): VtdMachine {
  const platformWith: VtdMachine['platformWith'] = (registers) =>
    emulatedVtdPlatform({
      ...{ ...registers, hostAddressWidth, sourceIds: VTD_SOURCES },
      memory: vtdBootMemory(stage, levels),
      ram: { ...VTD_RAM, stamped: VTD_STAMPED },
    });
  return {
    ...{ name, summary, platformWith },
    has(unit) {
      const { SMTS, FSTS } = decode(ecap, [unit.ecap]);
      const isOfMode = (SMTS === 1) === isScalable && unit.hostAddressWidth === hostAddressWidth;
      return isOfMode && (!isScalable || stage === (FSTS === 1 ? 'first' : 'second'));
    },
    program: 'qemu-system-x86_64',
    words: pcWords(properties),
    ram: RAM,
    stamped: VTD_STAMPED,
    tables: VTD_TABLES,
    watched: WATCHED,
    pattern: PATTERN,
    scratch: SCRATCH,
    wake: WAKE,
    begin: [],
    forget: [],
    barOf,
    async describe(qemu: QtestProcess) {
      const read = await qemu.send([readq(registerAt('CAP')), readq(registerAt('ECAP'))]);
      if (read.end !== 'ok')
        throw new AgentError(`QEMU does not answer${qemu.said === '' ? '' : `: ${qemu.said}`}`);
      const [capWord = 0n, ecapWord = 0n] = read.answers.map((answer) => BigInt(answer ?? '0x0'));
      if (decode(cap, [capWord]).SAGAW === 0)
        throw new AgentError(`at ${registerAt('CAP').toString(16)} there is no remapping unit`);
      return {
        platform: platformWith({ cap: capWord, ecap: ecapWord }),
        summary: `machine q35, intel-iommu ${properties}, ${VTD_SOURCES.length} edu`,
      };
    },
    identity: ({ emulatedVtd: unit }) =>
      unit === undefined
        ? []
        : [
            { what: 'CAP_REG', is: 'readq', address: registerAt('CAP'), value: unit.cap },
            { what: 'ECAP_REG', is: 'readq', address: registerAt('ECAP'), value: unit.ecap },
          ],
    plan: planVtd,
    moves: VTD_MOVES,
  };
}
