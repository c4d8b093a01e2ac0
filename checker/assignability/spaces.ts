import type { Assigned } from '../../model/pasid/machine.ts';
import type { Question } from './question.ts';

/** The machine whose guest does everything in every order. The other's sets itself up, in one order. */
export const FREE = 'vm0';

/** One of a guest's address spaces: a PASID (0: requests without), and the stage-1 table that the guest gives it. */
export interface Space {
  readonly pasid: number;
  readonly table: number;
}

/** How many PASIDs a guest uses in the last column. What two of them share shows with two only; requests of a slice have one anyway. */
function pasidsUsed({ unit, viommu }: Question, vm: string): number {
  if (viommu !== 'pasids') return 0;
  return unit === 'vf' && vm === FREE ? 2 : 1;
}

/**
 * The address spaces that a guest uses in a cell: that of requests without PASID, and those of its PASIDs, once it has them where
 * it asks for them. A second PASID has the table of the first space, which is enough to tell it from the first.
 */
export function spacesOf(question: Question, vm: string, { given }: Assigned): readonly Space[] {
  const numbers = question.paravirtual ? given.map(({ guest }) => guest) : [1, 2];
  const own = numbers.slice(0, pasidsUsed(question, vm));
  return [0, ...own].map((pasid, at) => ({ pasid, table: at % 2 }));
}

/** How many of them there are once all are in use. */
export function spacesInUse(question: Question, vm: string): number {
  return 1 + pasidsUsed(question, vm);
}

/**
 * The page to which a stage-1 table maps page 0: another for each table, and never the page that it is without a table.
 * So requests that get where the guest asked have gone through its table, and through no other.
 */
export const mappedBy = (table: number): number => table + 1;
