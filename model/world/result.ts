import type { Errno } from '../../spec/errno.ts';
import type { FlushedRange } from '../iommufd/drivers/driver.ts';
import type { Command, Words } from './command.ts';

/** What a call gave back besides its errno: output fields by name, and what it wrote behind its pointer. */
export type Out = Readonly<Record<string, number | bigint | Words>>;

export interface Done {
  readonly ok: true;
  readonly out: Out;
}

/** A refusal is a value. Some calls write output fields even so (`entryNum`, the count with EMSGSIZE). */
export interface Refused {
  readonly ok: false;
  readonly errno: Errno;
  readonly out: Out;
}

/** How a command was answered. */
export type Result = Done | Refused;

const NOTHING: Out = Object.freeze({});

const DONE: Done = Object.freeze({ ok: true, out: NOTHING });

export function done(out?: Out): Done {
  return out === undefined ? DONE : { ok: true, out };
}

const REFUSALS = new Map<Errno, Refused>();

export function refused(errno: Errno, out?: Out): Refused {
  if (out !== undefined) return { ok: false, errno, out };
  let refusal = REFUSALS.get(errno);
  if (refusal === undefined) {
    refusal = Object.freeze({ ok: false, errno, out: NOTHING });
    REFUSALS.set(errno, refusal);
  }
  return refusal;
}

/** An entry of a VT-d unit's tables, by device. */
export type VtdTable = { readonly table: 'context' } | { readonly table: 'pasid'; readonly pasid: number };

/** What a command did beyond the state that later commands read. */
export type Effect =
  /** Commands reached a pSMMU's queue, and the SYNC behind them completed. */
  | {
      readonly kind: 'smmuCommands';
      /** Whose commands: a guest's that a call passed on, or the driver's own, also for a call that was interrupted before. */
      readonly by: 'guest' | 'driver';
      readonly smmu: number;
      readonly commands: readonly (readonly [bigint, bigint])[];
    }
  /** The driver wrote a stream table entry, piece by piece of 64 bits. */
  | {
      readonly kind: 'steWritten';
      readonly smmu: number;
      readonly streamId: number;
      readonly words: Words;
    }
  /** The driver switched a pSMMU on or off (CR0.SMMUEN), or said what becomes of traffic while it is off (GBPA.ABORT). */
  | {
      readonly kind: 'registersWritten';
      readonly smmu: number;
      readonly enabled: boolean;
      readonly aborts: boolean;
    }
  /** An event of a device found its pSMMU's queue full. */
  | { readonly kind: 'eventLost'; readonly device: number; readonly words: Words }
  /** Translations that a guest invalidated on its nested HWPT itself. */
  | {
      readonly kind: 'rangesFlushed';
      readonly ctx: number;
      readonly hwpt: number;
      readonly ranges: readonly FlushedRange[];
    }
  /** For a while there was no domain in front of a device, although the attach that took it away was refused. */
  | { readonly kind: 'translationBlocked'; readonly device: number }
  /** A device hears how its page requests went (codes as in struct iommu_hwpt_page_response). */
  | {
      readonly kind: 'pageResponse';
      readonly device: number;
      readonly group: number;
      readonly code: number;
    }
  /** A driver used its access while that was on no IOAS: the kernel read through a null pointer. */
  | { readonly kind: 'nothingUsed'; readonly mdev: number }
  /** The host took a device away and found it again. */
  | { readonly kind: 'rescanned'; readonly device: number }
  /** The driver of a VT-d unit wrote 64 bits of a table; the entry then reads like this. */
  | { readonly kind: 'vtdWritten'; readonly device: number; readonly what: VtdTable; readonly words: Words }
  /** Descriptors went through a VT-d unit's invalidation queue, and the wait behind them completed. */
  | { readonly kind: 'vtdFlushed'; readonly iommu: number; readonly descriptors: readonly Words[] }
  /** A vEVENTQ took an event of a device, or counted it as lost. */
  | {
      readonly kind: 'vevent';
      readonly device: number;
      readonly ctx: number;
      readonly veventq: number;
      readonly sequence: number;
      readonly lost: boolean;
      readonly words: Words;
    }
  /** On the way to a refusal, the driver moved a device of a group; HWPTs by id, null for a domain of the kernel's own. */
  | {
      readonly kind: 'moved';
      readonly device: number;
      readonly from: number | null;
      readonly to: number | null;
    }
  /** An event record of a device went to the host's log. */
  | { readonly kind: 'hostEvent'; readonly device: number; readonly words: Words }
  /** What a guest did went to its VMM. */
  | { readonly kind: 'trapped'; readonly unit: number }
  /** A VMM wrote descriptors into a table that it keeps for one of a guest's PASIDs. */
  | {
      readonly kind: 'shadowWritten';
      readonly unit: number;
      readonly pasid: number;
      readonly descriptors: number;
    }
  /** A guest's command left the queue of its vSMMU, or stopped it. What the VMM did for it stands before. */
  | {
      readonly kind: 'guestCommand';
      readonly vm: string;
      readonly vsmmu: number;
      readonly words: readonly [bigint, bigint];
      readonly done: boolean;
    }
  /** A VMM called the kernel. What that did follows. */
  | { readonly kind: 'vmmCall'; readonly command: Command; readonly result: Result }
  /** Why a VMM refuses; what it calls after that takes back what it did before. */
  | { readonly kind: 'vmmRefusal'; readonly reason: string };
