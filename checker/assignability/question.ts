import type { Mechanism, Viommu } from '../../model/pasid/machine.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';

/** What is given to a virtual machine: a function as a whole, or a slice of one that machines share. */
export const UNIT_KINDS = ['vf', 'mdev'] as const;

export type UnitKind = (typeof UNIT_KINDS)[number];

/** One way of giving it. */
export interface Way {
  readonly mechanism: Mechanism;
  /** Whether guests ask for PASIDs, rather than choose them. */
  readonly paravirtual: boolean;
}

/** What is to be decided: does a way work for what a guest can do in one cell of the table? */
export interface Question extends Way {
  readonly hardware: IommuHardware;
  readonly unit: UnitKind;
  readonly viommu: Viommu;
}

/** The ways that there are for a guest with this vIOMMU. Without one there are no tables of its to shadow or to nest. */
export function waysFor(viommu: Viommu): readonly Way[] {
  if (viommu === 'none') return [{ mechanism: 'direct', paravirtual: false }];
  const asks = viommu === 'pasids' ? [false, true] : [false];
  return (['direct', 'shadow', 'nest'] as const).flatMap((mechanism) =>
    asks.map((paravirtual) => ({ mechanism, paravirtual })),
  );
}

/** `nest + PV` */
export function wayName({ mechanism, paravirtual }: Way): string {
  return paravirtual ? `${mechanism} + PV` : mechanism;
}

/** `vt-d3/mdev/pasids/nest+pv`: names the evidence of an answer. */
export function questionId({ hardware, unit, viommu, mechanism, paravirtual }: Question): string {
  return `${hardware.name}/${unit}/${viommu}/${mechanism}${paravirtual ? '+pv' : ''}`;
}
