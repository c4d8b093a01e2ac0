import { contextAt, putContext, type Tx } from '../world/tx.ts';
import type { Attachment, Context, IommufdGroup } from './context.ts';
import { copyContext, copyGroup } from './copy.ts';

/** What the context knows of an IOMMU group; the group has a device bound to it. */
export function igroupOf(tx: Tx, ctx: number, group: number): IommufdGroup {
  const igroup = contextAt(tx, ctx).groups.find((g) => g.group === group);
  if (igroup === undefined) throw new Error(`group ${group} is not in context ${ctx}: the table is corrupt`);
  return igroup;
}

export function putIgroup(tx: Tx, ctx: number, igroup: IommufdGroup): void {
  const context = contextAt(tx, ctx);
  const groups = context.groups.map((g) => (g.group === igroup.group ? igroup : g));
  putGroups(tx, ctx, context, groups);
}

/** Adds a bound device to its group's record, made when it is the first (rule R-5). */
export function joinGroup(tx: Tx, ctx: number, group: number, devId: number): void {
  const context = contextAt(tx, ctx);
  const old = context.groups.find((g) => g.group === group);
  const igroup: IommufdGroup =
    old === undefined
      ? { group, devices: [devId], attach: null, pasids: [], swMsiStart: null, requiredMsi: [] }
      : { ...old, devices: ascending([...old.devices, devId]) };
  const groups = [...context.groups.filter((g) => g.group !== group), igroup].sort(
    (a, b) => a.group - b.group,
  );
  putGroups(tx, ctx, context, groups);
}

/** Takes an unbound device out; the record goes with the last one. */
export function leaveGroup(tx: Tx, ctx: number, group: number, devId: number): void {
  const context = contextAt(tx, ctx);
  const groups = context.groups.flatMap((g) => {
    if (g.group !== group) return [g];
    const devices = g.devices.filter((id) => id !== devId);
    return devices.length === 0 ? [] : [{ ...g, devices }];
  });
  putGroups(tx, ctx, context, groups);
}

function putGroups(tx: Tx, ctx: number, context: Context, groups: readonly IommufdGroup[]): void {
  const next = copyContext(context);
  next.groups = groups;
  putContext(tx, ctx, next);
}

/** The group's record with another attachment. */
export function withAttach(igroup: IommufdGroup, attach: Attachment | null): IommufdGroup {
  const next = copyGroup(igroup);
  next.attach = attach;
  return next;
}

export function ascending(ids: readonly number[]): readonly number[] {
  return [...ids].sort((a, b) => a - b);
}

/** Every device of an IOMMU group, bound or not. */
export function devicesOfGroup(tx: Tx, group: number): readonly number[] {
  const found: number[] = [];
  tx.world.platform.devices.forEach((device, index) => {
    if (device.group === group) found.push(index);
  });
  return found;
}

export function groupNumber(tx: Tx, device: number): number {
  return (tx.world.platform.devices[device] as { group: number }).group;
}
