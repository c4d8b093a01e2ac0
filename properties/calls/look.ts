import type { Context } from '../../model/iommufd/context.ts';
import type { IommufdObject } from '../../model/iommufd/objects.ts';
import type { CommandName, CommandOf } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { objectOf } from '../look.ts';
import type { Transition } from '../property.ts';

/** The arguments of a call of this name; null for others. */
export function argsOf<N extends CommandName>({ command }: Transition, name: N): CommandOf<N>['args'] | null {
  return command.command === name ? (command.args as CommandOf<N>['args']) : null;
}

/** The context that a descriptor is of; null where it is of none. */
export function contextNumber(world: World, actor: string, fd: number): number | null {
  const of = fileOf({ world }, actor, fd)?.of;
  if (of?.kind === 'iommufd' || of?.kind === 'veventq' || of?.kind === 'fault') return of.ctx;
  return of?.kind === 'cdev' ? (of.bound?.ctx ?? null) : null;
}

/** A bound device, as a descriptor of its file says it. */
export interface Bound {
  readonly ctx: number;
  readonly context: Context;
  readonly devId: number;
  /** The platform's number. */
  readonly device: number;
}

export function boundOf(world: World, actor: string, fd: number): Bound | null {
  const of = fileOf({ world }, actor, fd)?.of;
  if (of?.kind !== 'cdev' || of.bound === null) return null;
  const { ctx, devId } = of.bound;
  const context = world.contexts[ctx] ?? null;
  return context === null ? null : { ctx, context, devId, device: of.device };
}

/** What a device is attached to; null: to nothing. */
export function attachedTo(context: Context, devId: number): number | null {
  for (const { attach } of context.groups) if (attach?.devices.includes(devId) === true) return attach.hwpt;
  return null;
}

/** What the platform calls a device. */
export function nameOf({ platform }: World, device: number): string {
  return platform.devices[device]?.id ?? `device ${device}`;
}

/** What is in a context, in words: `ioas 2, viommu 4`. Devices go with their own files. */
export function objectsIn({ objects }: Context): readonly string[] {
  return objects.flatMap((slot, id) =>
    slot === null || slot === undefined || slot.type === 'tombstone' || slot.type === 'device'
      ? []
      : [`${WORDS[slot.type]} ${id}`],
  );
}

const WORDS: Readonly<Record<IommufdObject['type'], string>> = {
  ioas: 'IOAS',
  hwptPaging: 'HWPT',
  hwptNested: 'HWPT',
  device: 'device',
  viommu: 'vIOMMU',
  vdevice: 'vDEVICE',
  veventq: 'vEVENTQ',
  fault: 'fault queue',
  access: 'access',
  selftest: 'selftest',
  hwQueue: 'hardware queue',
};

/** Whether a HWPT is nested, and translates by a guest's stage 1. */
export function isTranslating(context: Context, hwpt: number): boolean {
  return objectOf(context, hwpt, 'hwptNested')?.domain.config === 's1Translate';
}
