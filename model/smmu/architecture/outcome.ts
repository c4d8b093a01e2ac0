import type { EventName } from '../../../spec/smmuv3/event.ts';

/** What a faulting address was for (IHI0070 7.3, CLASS): a CD fetch, a stage-1 table walk, the transaction itself. */
export type FaultClass = 'CD' | 'TT' | 'IN';

/** How a terminated transaction is answered: CD.A = 0 reads as zero and ignores writes (IHI0070 5.5). */
export type Response = 'abort' | 'raz-wi' | 'stall';

/** An event as the SMMU reports it; fields that the event's type lacks hold false, zero or CLASS = CD (0b00). */
export interface SmmuEvent {
  readonly name: EventName;
  readonly streamId: number;
  readonly substreamId: number | undefined;
  readonly stage2: boolean;
  readonly class: FaultClass;
  readonly read: boolean;
  readonly privileged: boolean;
  readonly instruction: boolean;
  readonly stall: boolean;
  readonly inputAddress: bigint;
  readonly ipa: bigint;
  readonly fetchAddress: bigint;
}

/** Configurations that the architecture allows and this model does not walk, and those at which an emulator ends by an assertion. */
export type Unmodelled = '52-bit addresses' | 'AArch32 tables' | 'the end of the emulator';

/** What becomes of a transaction. */
export type Outcome =
  | { readonly kind: 'translated'; readonly address: bigint }
  /** Terminated or stalled, with the event that is recorded. */
  | { readonly kind: 'fault'; readonly response: Response; readonly event: SmmuEvent }
  /** Terminated without an event. */
  | { readonly kind: 'silent'; readonly response: Response }
  | { readonly kind: 'unmodelled'; readonly what: Unmodelled };

/** Why a lookup or a walk ended, before it is known whether and how the event is written. */
export interface Fault {
  readonly kind: 'fault';
  readonly name: EventName;
  readonly stage: 1 | 2;
  readonly class: FaultClass;
  /** The IPA of a stage-2 fault; the physical address of a failed fetch. */
  readonly address: bigint;
  readonly recorded: boolean;
  readonly response: Response;
}

/** The refusal of a configuration that is not modelled. */
export interface Refusal {
  readonly kind: 'unmodelled';
  readonly what: Unmodelled;
}

export function unmodelled(what: Unmodelled): Refusal {
  return { kind: 'unmodelled', what };
}

/** A configuration error or a failed fetch of configuration: always recorded, always aborts (IHI0070 7.3). */
export function configurationFault(name: EventName, fetchAddress = 0n): Fault {
  return {
    kind: 'fault',
    name,
    stage: 1,
    class: 'CD',
    address: fetchAddress,
    recorded: true,
    response: 'abort',
  };
}

/** An external abort on a table walk, recorded whatever CD.R and STE.S2R say. */
export function walkAbort(stage: 1 | 2, faultClass: FaultClass, fetchAddress: bigint): Fault {
  return {
    kind: 'fault',
    name: 'F_WALK_EABT',
    stage,
    class: faultClass,
    address: fetchAddress,
    recorded: true,
    response: 'abort',
  };
}

/** What a stage does with its translation faults: CD.{A,R,S} and STE.{S2R,S2S} (IHI0070 5.5). */
export interface FaultPolicy {
  readonly recorded: boolean;
  readonly response: Response;
}

export type TranslationFaultName = 'F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_ACCESS' | 'F_PERMISSION';

export function translationFault(
  name: TranslationFaultName,
  stage: 1 | 2,
  faultClass: FaultClass,
  ipa: bigint,
  policy: FaultPolicy,
): Fault {
  return {
    kind: 'fault',
    name,
    stage,
    class: faultClass,
    address: ipa,
    recorded: policy.recorded || policy.response === 'stall',
    response: policy.response,
  };
}
