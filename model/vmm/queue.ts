import { decode } from '../../spec/bits.ts';
import { VIOMMU_INVALIDATE_DATA } from '../../spec/iommufd/constants.ts';
import { type Command, decodeCommand } from '../../spec/smmuv3/command.ts';
import { CommandError, cr0 } from '../../spec/smmuv3/registers.ts';
import type { Words } from '../world/command.ts';
import { done, type Result } from '../world/result.ts';
import type { VmmArgs } from './command.ts';
import { configure } from './place.ts';
import { call, type Vmm, vmOf } from './process.ts';
import { readStes } from './stream.ts';
import type { Backing } from './vm.ts';
import { backingOf, changeVsmmu, deviceOfVsid, vsmmuAt } from './vsmmu.ts';

/** Bytes of a command (struct iommu_viommu_arm_smmuv3_invalidate). */
const COMMAND_BYTES = 16;

/** CFGI_STE_RANGE with this Range is CFGI_ALL. */
const ALL_STREAMS = 31;

/**
 * The guest's command queue: how many commands were consumed, and CMDQ_CONS.ERR where one of them stopped it.
 * Configuration is the VMM's business; invalidations of what the pSMMU caches go to the kernel in batches, each
 * finished before the next command that is not one of them.
 */
export function issueCommands(vmm: Vmm, { vsmmu: index, words: given }: VmmArgs['issueCommands']): Result {
  const words = given ?? [];
  const { CMDQEN } = decode(cr0, [BigInt(vsmmuAt(vmm, index).cr0)]);
  const batch: bigint[] = [];
  const total = CMDQEN === 1 ? words.length >> 1 : 0;
  for (let consumed = 0; consumed < total; consumed++) {
    const pair = words.slice(2 * consumed, 2 * consumed + 2);
    const command = decodeCommand(pair);
    const kind = command === undefined ? 'illegal' : kindOf(vmm, index, command);
    if (kind !== 'host' && !flush(vmm, index, batch)) return stopped(consumed);
    if (kind === 'illegal') return stopped(consumed);
    if (kind === 'host') batch.push(...pair);
    if (command !== undefined && kind === 'configuration' && !reconfigure(vmm, index, streamsOf(command)))
      return stopped(consumed);
  }
  return flush(vmm, index, batch) ? done({ consumed: total, error: CommandError.None }) : stopped(total);
}

function stopped(consumed: number): Result {
  return done({ consumed, error: CommandError.Illegal });
}

type Kind =
  /** Something that the pSMMU may cache for the guest. */
  | 'host'
  | 'configuration'
  /** Legal, and nothing to be done. */
  | 'nothing'
  | 'illegal';

function kindOf(vmm: Vmm, index: number, command: Command): Kind {
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return 'configuration';
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_NSNH_ALL':
      return 'host';
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
    case 'ATC_INV':
      // Nothing is cached for a stream with no nested device, and the kernel does not know its StreamID.
      return deviceOfVsid(vsmmuAt(vmm, index), command.fields.StreamID)?.place?.kind === 'nested'
        ? 'host'
        : 'nothing';
    case 'PREFETCH_CONFIG':
    case 'PREFETCH_ADDR':
    case 'SYNC':
      return 'nothing';
    default:
      // Stage 2, EL2, EL3, stalls and page requests: none of it is in the ID registers.
      return 'illegal';
  }
}

/** Hands the invalidations collected so far to the kernel; false where it refuses one of them. */
function flush(vmm: Vmm, index: number, batch: bigint[]): boolean {
  if (batch.length === 0) return true;
  const data: Words = batch.splice(0);
  const { backings } = vsmmuAt(vmm, index);
  const { iommufd } = vmOf(vmm);
  if (iommufd === null) return true;
  return backings.every((backing) => {
    const own = backings.length === 1 ? data : commandsFor(vmm, index, backing, data);
    if (own.length === 0) return true;
    return call(vmm, 'hwptInvalidate', {
      fd: iommufd.fd,
      hwptId: backing.viommu,
      dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3,
      entryLen: COMMAND_BYTES,
      entryNum: own.length >> 1,
      data: own,
    }).ok;
  });
}

/** What one of several vIOMMUs is to hear: of TLBs all of it, of streams its own. */
function commandsFor(vmm: Vmm, index: number, backing: Backing, data: Words): Words {
  const vsmmu = vsmmuAt(vmm, index);
  const own: bigint[] = [];
  for (let at = 0; at < data.length; at += 2) {
    const pair = data.slice(at, at + 2);
    const fields: Readonly<Record<string, unknown>> = decodeCommand(pair)?.fields ?? {};
    const device = typeof fields.StreamID === 'number' ? deviceOfVsid(vsmmu, fields.StreamID) : null;
    if (device === null || backingOf(vsmmu, device) === backing) own.push(...pair);
  }
  return own;
}

/** The streams whose configuration a CFGI command is about (IHI0070 4.3). */
function streamsOf(command: Command): (vsid: number) => boolean {
  if (command.name === 'CFGI_STE') return (vsid) => vsid === command.fields.StreamID;
  if (command.name !== 'CFGI_STE_RANGE' || command.fields.Range >= ALL_STREAMS) return () => true;
  const size = 2 ** (command.fields.Range + 1);
  const first = command.fields.StreamID - (command.fields.StreamID % size);
  return (vsid) => vsid >= first && vsid < first + size;
}

/** Reads the STEs of these streams from memory, and puts their devices where they now say; false where it cannot. */
function reconfigure(vmm: Vmm, index: number, isMeant: (vsid: number) => boolean): boolean {
  const vsmmu = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, { stes: readStes(vsmmu, isMeant) });
  for (const { vsid } of vsmmu.devices)
    if (isMeant(vsid) && configure(vmm, index, vsid) !== null) return false;
  return true;
}
