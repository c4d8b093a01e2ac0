import type { PageRange } from '../platform/platform.ts';

/*
 * The control registers of a vSMMU beside CR0 and GBPA (IHI0070 6.3).
 */

/** 64-bit registers are bigints, 32-bit ones numbers. */
export interface Control {
  readonly CR1: number;
  readonly CR2: number;
  readonly IRQ_CTRL: number;
  readonly GERROR: number;
  readonly GERRORN: number;
  readonly STRTAB_BASE: bigint;
  readonly STRTAB_BASE_CFG: number;
  readonly CMDQ_BASE: bigint;
  readonly CMDQ_PROD: number;
  readonly CMDQ_CONS: number;
  readonly EVENTQ_BASE: bigint;
  readonly EVENTQ_PROD: number;
  readonly EVENTQ_CONS: number;
  /** No register: the last STRTAB_BASE_CFG that said "two levels" since the vSMMU was reset; null: none did. */
  readonly twoLevels: number | null;
}

/** Registers that a guest can write. */
export const CONTROL_NAMES = [
  'CR0',
  'GBPA',
  'CR1',
  'CR2',
  'IRQ_CTRL',
  'GERRORN',
  'STRTAB_BASE',
  'STRTAB_BASE_CFG',
  'CMDQ_BASE',
  'CMDQ_PROD',
  'CMDQ_CONS',
  'EVENTQ_BASE',
  'EVENTQ_PROD',
  'EVENTQ_CONS',
] as const;

export type ControlName = (typeof CONTROL_NAMES)[number];

export function isControlName(name: string): name is ControlName {
  return (CONTROL_NAMES as readonly string[]).includes(name);
}

export const WIDE = ['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE'] as const;

export function isWide(name: ControlName): name is (typeof WIDE)[number] {
  return (WIDE as readonly string[]).includes(name);
}

export const SMMUEN = 1 << 0;
export const EVENTQEN = 1 << 2;
export const CMDQEN = 1 << 3;

const GUARDS: { readonly [N in ControlName]?: number } = {
  CR2: SMMUEN,
  STRTAB_BASE: SMMUEN,
  STRTAB_BASE_CFG: SMMUEN,
  CMDQ_BASE: CMDQEN,
  CMDQ_CONS: CMDQEN,
  EVENTQ_BASE: EVENTQEN,
  EVENTQ_PROD: EVENTQEN,
};

/** The bits of CR0 that make a register read-only while they are set (IHI0070 6.3: "Guarded by"); 0: none does. */
export function guardedBy(name: ControlName): number {
  return GUARDS[name] ?? 0;
}

/** Entries of the stream table, commands and events for which a machine's firmware has left room, as logarithms. */
const STREAMS_LOG2 = 8;
const COMMANDS_LOG2 = 4;
const EVENTS_LOG2 = 4;

/** RAM that a vSMMU has to itself: its stream table, and behind it its queues. */
const ROOM = 0x1_0000n;
const COMMANDS_AT = 0x8000n;
const EVENTS_AT = 0xc000n;

/** What the architecture leaves UNKNOWN after power on, as the machine's firmware has set it up before its guest came. */
export function firstControl(ram: readonly Pick<PageRange, 'start'>[], index: number): Control {
  const base = (ram[0]?.start ?? 0n) + BigInt(index) * ROOM;
  return {
    CR1: 0,
    CR2: 0,
    IRQ_CTRL: 0,
    GERROR: 0,
    GERRORN: 0,
    STRTAB_BASE: base,
    STRTAB_BASE_CFG: STREAMS_LOG2,
    CMDQ_BASE: (base + COMMANDS_AT) | BigInt(COMMANDS_LOG2),
    CMDQ_PROD: 0,
    CMDQ_CONS: 0,
    EVENTQ_BASE: (base + EVENTS_AT) | BigInt(EVENTS_LOG2),
    EVENTQ_PROD: 0,
    EVENTQ_CONS: 0,
    twoLevels: null,
  };
}

/** What a reset of the vSMMU makes of them; bases and formats it leaves. */
export function resetControl(control: Control): Control {
  return {
    ...control,
    IRQ_CTRL: 0,
    GERROR: 0,
    GERRORN: 0,
    CMDQ_PROD: 0,
    CMDQ_CONS: 0,
    EVENTQ_PROD: 0,
    EVENTQ_CONS: 0,
    twoLevels: null,
  };
}
