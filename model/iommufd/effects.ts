import type { Words } from '../world/command.ts';
import type { FlushedRange } from './drivers/driver.ts';

declare module '../world/result.ts' {
  interface Effects {
    /** Commands reached a pSMMU's queue, and the SYNC behind them completed. */
    smmuCommands: {
      /** Whose commands: a guest's that a call passed on, or the driver's own, also for a call that was interrupted before. */
      readonly by: 'guest' | 'driver';
      readonly iommu: number;
      readonly commands: readonly (readonly [bigint, bigint])[];
    };
    /** Translations that a guest invalidated on its nested HWPT itself. */
    rangesFlushed: {
      readonly ctx: number;
      readonly hwpt: number;
      readonly ranges: readonly FlushedRange[];
    };
    /** For a while there was no domain in front of a device, although the attach that took it away was refused. */
    translationBlocked: { readonly device: number };
    /** A device hears how its page requests went (codes as in struct iommu_hwpt_page_response). */
    pageResponse: { readonly device: number; readonly group: number; readonly code: number };
    /** A vEVENTQ took an event of a device, or counted it as lost. */
    vevent: {
      readonly device: number;
      readonly ctx: number;
      readonly veventq: number;
      readonly sequence: number;
      readonly lost: boolean;
      readonly words: Words;
    };
    /** On the way to a refusal, the driver moved a device of a group; HWPTs by id, null for a domain of the kernel's own. */
    moved: { readonly device: number; readonly from: number | null; readonly to: number | null };
    /** On the way to a refusal, the driver gave a device of a group a domain at a PASID, or took it away again. */
    pasidSet: { readonly device: number; readonly pasid: number };
    pasidRemoved: { readonly device: number; readonly pasid: number };
    /** An event record of a device went to the host's log. */
    hostEvent: { readonly device: number; readonly words: Words };
  }
}
