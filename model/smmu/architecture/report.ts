import { EventClass, encodeEvent, events } from '../../../spec/smmuv3/event.ts';
import type { Access } from './access.ts';
import type { Fault, Outcome, SmmuEvent } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';

/** When a fault was met: while STE and CD were decoded, or on the walk for the transaction's address. */
export type Phase = 'configuration' | 'walk';

/** What becomes of a transaction that met this fault (IHI0070 5.5, 7.3). */
export function report(fault: Fault, access: Access, phase: Phase, rules: SmmuArchitectureRules): Outcome {
  if (!fault.recorded) return { kind: 'silent', response: fault.response };
  return { kind: 'fault', response: fault.response, event: eventOf(fault, access, phase, rules) };
}

function eventOf(fault: Fault, access: Access, phase: Phase, rules: SmmuArchitectureRules): SmmuEvent {
  const translation = isTranslationRelated(fault);
  const reads = !access.write;
  return {
    name: rules.reportedName(fault.name),
    streamId: access.streamId,
    substreamId: access.substreamId,
    stage2: translation && fault.stage === 2,
    class: rules.reportedClass(fault.class),
    read: translation && (phase === 'configuration' ? rules.configurationFaultReads(reads) : reads),
    privileged: translation && access.privileged,
    instruction: translation && access.instruction,
    stall: fault.response === 'stall',
    inputAddress: translation ? access.address : 0n,
    ipa: translation && fault.name !== 'F_WALK_EABT' ? rules.reportedIpa(fault.address) : 0n,
    fetchAddress: translation && fault.name !== 'F_WALK_EABT' ? 0n : fault.address,
  };
}

function isTranslationRelated({ name }: Fault): boolean {
  return events[name].type >= events.F_WALK_EABT.type;
}

const TYPE = 0xffn;

function reasonOf(event: SmmuEvent) {
  return {
    Stall: Number(event.stall),
    PnU: Number(event.privileged),
    InD: Number(event.instruction),
    RnW: Number(event.read),
    S2: Number(event.stage2),
    CLASS: EventClass[event.class],
    InputAddr: event.inputAddress,
  };
}

/** The four doublewords that the SMMU writes to the event queue. */
export function eventWords(event: SmmuEvent, rules: SmmuArchitectureRules): bigint[] {
  const { type } = events[event.name];
  const isTranslation = type >= events.F_WALK_EABT.type;
  // Those of translations have their fields where F_TRANSLATION has them.
  const words = encodeEvent(isTranslation ? 'F_TRANSLATION' : event.name, {
    StreamID: event.streamId,
    SSV: event.substreamId === undefined ? 0 : 1,
    SubstreamID: event.substreamId ?? 0,
    ...(isTranslation ? reasonOf(event) : {}),
  });
  words[0] = ((words[0] ?? 0n) & ~TYPE) | BigInt(type);
  // Not through the layout: an emulation may report low bits that the field lacks.
  words[event.name === 'F_CD_FETCH' ? rules.cdFetchAddressWord : 3] = event.ipa | event.fetchAddress;
  return words;
}
