import { VIOMMUS, type Viommu } from '../../model/pasid/machine.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { type Cost, costOf, grows } from './cost.ts';
import { type Answer, decide } from './decide.ts';
import { UNIT_KINDS, type UnitKind, waysFor } from './question.ts';
import { scopeBehind } from './scope.ts';

/** One cell of the table: what can be given behind some hardware to a guest with some vIOMMU, and how. */
export interface Cell {
  readonly hardware: IommuHardware;
  readonly unit: UnitKind;
  readonly viommu: Viommu;
  /** One for each way, in a fixed order; with what a way that works costs. */
  readonly answers: readonly (Answer & { readonly costs: readonly Cost[] })[];
  /** `ok`, `shadow or nest`, `nest + PV`, `impossible`, …: see `wordOf`. */
  readonly word: string;
}

/** Decides every way of a cell; its traces say what the hardware is. */
export function deriveCell(hardware: IommuHardware, unit: UnitKind, viommu: Viommu): Cell {
  const { name: scope, changes } = scopeBehind(hardware);
  const answers = waysFor(viommu).map((way) => {
    const answer = decide({ hardware, unit, viommu, ...way });
    const { trace: decided } = answer;
    const trace =
      decided === null || changes === undefined ? decided : { ...decided, scope, platform: changes };
    return { ...answer, trace, costs: answer.verdict === 'works' ? costOf(answer.question) : [] };
  });
  return { hardware, unit, viommu, answers, word: wordOf(hardware, answers) };
}

/** Where a cell is in the table. */
export type Place = Pick<Cell, 'hardware' | 'unit' | 'viommu'>;

/** `vt-d3/mdev/pasids` */
export function cellId({ hardware, unit, viommu }: Place): string {
  return `${hardware.name}/${unit}/${viommu}`;
}

/** The places of all cells behind some hardware: both kinds of units, three kinds of guests. */
export function placesBehind(hardware: IommuHardware): readonly Place[] {
  return UNIT_KINDS.flatMap((unit) => VIOMMUS.map((viommu) => ({ hardware, unit, viommu })));
}

/** Every cell behind some hardware. */
export function deriveCells(hardware: IommuHardware): readonly Cell[] {
  return placesBehind(hardware).map(({ unit, viommu }) => deriveCell(hardware, unit, viommu));
}

/**
 * The ways that work, as the thread would say it. Asking for PASIDs is named where it does not work without; `(?)` where
 * the architecture has nothing to ask. Of several ways those are named whose cost to the host does not grow with the
 * number of a guest's address spaces; if all grow, all are.
 */
export function wordOf(hardware: IommuHardware, answers: Cell['answers']): string {
  const works = answers.filter(({ verdict }) => verdict === 'works');
  const needed = works.filter(
    ({ question: { mechanism, paravirtual } }) =>
      !paravirtual ||
      !works.some(({ question: other }) => other.mechanism === mechanism && !other.paravirtual),
  );
  const steady = needed.filter(({ costs }) => !grows(costs));
  const named = steady.length > 0 ? steady : needed;
  if (named.length === 0) return 'impossible';
  const ask = hardware.allocation === 'virtual-commands' ? ' + PV' : ' + PV (?)';
  return named
    .map(({ question: { mechanism, paravirtual } }) => {
      const way = mechanism === 'direct' ? 'ok' : mechanism;
      return paravirtual ? way + ask : way;
    })
    .join(' or ');
}
