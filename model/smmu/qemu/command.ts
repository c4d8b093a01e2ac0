import { encode } from '../../../spec/bits.ts';
import { type Command, decodeCommand, encodeCommand } from '../../../spec/smmuv3/command.ts';
import { isIllegalBy } from '../../../spec/smmuv3/legal-command.ts';
import { CommandError, cmdqCons, gerror } from '../../../spec/smmuv3/registers.ts';
import { type SmmuArchitectureRules, smmuArchitectureIntended } from '../architecture/rules.ts';
import { type AddressRange, dropIntermediate, dropVirtual, dropWhere } from './invalidate.ts';
import { following, type QemuSmmu, raise } from './smmu.ts';
import { NO_ASID } from './tlb.ts';

const [CMDQ_ERR = 0n] = encode(gerror, { CMDQ_ERR: 1 });

/** What the command queue did with some commands. */
export interface Consumed {
  readonly smmu: QemuSmmu;
  /** How many of the commands were executed. An illegal one stops the queue before itself. */
  readonly executed: number;
}

/**
 * Executes commands of two doublewords each, in order, until one is illegal (CERROR_ILL) or the queue is disabled or stopped
 * by an error that GERRORN has not acknowledged (IHI0070 4, 7.1).
 */
export function issueCommands(
  smmu: QemuSmmu,
  commands: readonly (readonly bigint[])[],
  rules: SmmuArchitectureRules = smmuArchitectureIntended,
): Consumed {
  let current = smmu;
  let executed = 0;
  for (const words of commands) {
    if (!current.commandsEnabled || ((current.gerror ^ current.gerrorn) & Number(CMDQ_ERR)) !== 0) break;
    const after = execute(current, words, rules);
    if (after === 'illegal') {
      const commandQueue = { ...current.commandQueue, error: CommandError.Illegal };
      return { smmu: raise({ ...current, commandQueue }, Number(CMDQ_ERR)), executed };
    }
    const { log2Size, cons } = after.commandQueue;
    current = {
      ...after,
      commandQueue: {
        ...after.commandQueue,
        cons: following(cons, log2Size),
        error: errorAfter(after, rules),
      },
    };
    executed++;
  }
  return { smmu: current, executed };
}

/** The next command could not be fetched: CERROR_ABT (IHI0070 7.1). */
export function abortCommand(smmu: QemuSmmu): QemuSmmu {
  const commandQueue = { ...smmu.commandQueue, error: CommandError.Abort };
  return raise({ ...smmu, commandQueue }, Number(CMDQ_ERR));
}

/** Puts commands behind those that wait in the queue, and executes what can be. */
export function queueCommands(
  smmu: QemuSmmu,
  commands: readonly (readonly bigint[])[],
  rules: SmmuArchitectureRules,
): QemuSmmu {
  const waiting = smmu.waiting.concat(commands);
  if (waiting.length === 0) return smmu;
  const { smmu: after, executed } = issueCommands(smmu, waiting, rules);
  return { ...after, waiting: waiting.slice(executed) };
}

/** What Linux's error handler does: CMD_SYNC in the place of the command that failed, and an acknowledgement; the rest still runs. */
export function acknowledgeCommand(smmu: QemuSmmu, rules: SmmuArchitectureRules): QemuSmmu {
  if (((smmu.gerror ^ smmu.gerrorn) & Number(CMDQ_ERR)) === 0) return smmu;
  const waiting =
    smmu.waiting.length === 0 ? smmu.waiting : [encodeCommand('SYNC'), ...smmu.waiting.slice(1)];
  return queueCommands({ ...smmu, gerrorn: smmu.gerrorn ^ Number(CMDQ_ERR), waiting }, [], rules);
}

/** CMDQ_CONS as the driver reads it. */
export function cmdqConsOf({ commandQueue }: QemuSmmu): number {
  const [value = 0n] = encode(cmdqCons, { RD: commandQueue.cons, ERR: commandQueue.error });
  return Number(value);
}

function errorAfter({ commandQueue }: QemuSmmu, rules: SmmuArchitectureRules): number {
  return rules.commandErrorStays ? commandQueue.error : CommandError.None;
}

function execute(
  smmu: QemuSmmu,
  words: readonly bigint[],
  rules: SmmuArchitectureRules,
): QemuSmmu | 'illegal' {
  const command: Command | undefined = decodeCommand(words);
  if (command === undefined) return 'illegal';
  const [first = 0n, second = 0n] = words;
  if (rules.judgesCommands && isIllegalBy(command, [first, second], smmu.implementation)) return 'illegal';
  const { S1P, S2P } = smmu.implementation.idr0;
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_CD':
    case 'CFGI_CD_ALL': {
      const { SSec, StreamID } = command.fields;
      return SSec === 1 ? 'illegal' : dropConfigurations(smmu, StreamID, StreamID);
    }
    case 'CFGI_STE_RANGE': {
      const { SSec, StreamID, Range } = command.fields;
      const { first, last } = rules.rangeConfigurations(StreamID, Range);
      return SSec === 1 ? 'illegal' : dropConfigurations(smmu, first, last);
    }
    case 'TLBI_NH_ALL': {
      const { VMID } = command.fields;
      if (S1P === 0) return 'illegal';
      return withTlb(
        smmu,
        dropWhere(smmu.tlb, ({ vmid, asid }) => vmid === VMID && asid !== NO_ASID),
      );
    }
    case 'TLBI_NH_ASID': {
      const { VMID, ASID } = command.fields;
      if (S1P === 0) return 'illegal';
      return withTlb(
        smmu,
        dropWhere(smmu.tlb, ({ vmid, asid }) => vmid === VMID && asid === ASID),
      );
    }
    case 'TLBI_NH_VA':
      if (S1P === 0) return 'illegal';
      return withTlb(smmu, dropVirtual(smmu.tlb, rangeOf(command.fields, command.fields.ASID), rules));
    case 'TLBI_NH_VAA':
      if (S1P === 0) return 'illegal';
      return withTlb(smmu, dropVirtual(smmu.tlb, rangeOf(command.fields, undefined), rules));
    case 'TLBI_S12_VMALL': {
      const { VMID } = command.fields;
      if (S2P === 0) return 'illegal';
      return withTlb(
        smmu,
        dropWhere(smmu.tlb, ({ vmid }) => vmid === VMID),
      );
    }
    case 'TLBI_S2_IPA':
      if (S2P === 0) return 'illegal';
      return withTlb(smmu, dropIntermediate(smmu.tlb, intermediateOf(command.fields, second, rules), rules));
    case 'TLBI_NSNH_ALL':
      return withTlb(smmu, []);
    case 'CFGI_VMS_PIDM':
      return 'illegal';
    case 'PREFETCH_CONFIG':
    case 'PREFETCH_ADDR':
    case 'TLBI_EL3_ALL':
    case 'TLBI_EL3_VA':
    case 'TLBI_EL2_ALL':
    case 'TLBI_EL2_ASID':
    case 'TLBI_EL2_VA':
    case 'TLBI_EL2_VAA':
    case 'ATC_INV':
    case 'PRI_RESP':
    case 'RESUME':
    case 'STALL_TERM':
    case 'SYNC':
      return smmu;
  }
}

function withTlb(smmu: QemuSmmu, tlb: QemuSmmu['tlb']): QemuSmmu {
  return tlb === smmu.tlb ? smmu : { ...smmu, tlb };
}

function dropConfigurations(smmu: QemuSmmu, first: number, last: number): QemuSmmu {
  const kept = Object.entries(smmu.configurations).filter(([key]) => {
    const streamId = Number(key);
    return streamId < first || streamId > last;
  });
  return { ...smmu, configurations: Object.fromEntries(kept) };
}

interface RangeFields {
  readonly VMID: number;
  readonly Address: bigint;
  readonly TG: number;
  readonly NUM: number;
  readonly SCALE: number;
  readonly TTL: number;
}

function intermediateOf(fields: RangeFields, word: bigint, rules: SmmuArchitectureRules): AddressRange {
  return { ...rangeOf(fields, undefined), address: rules.invalidatedIpa(word) };
}

function rangeOf(fields: RangeFields, asid: number | undefined): AddressRange {
  const { VMID, Address, TG, NUM, SCALE, TTL } = fields;
  return { asid, vmid: VMID, address: Address, tg: TG, num: NUM, scale: SCALE, ttl: TTL };
}
