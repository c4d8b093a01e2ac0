import type { EntryForm, IommuHardware } from '../../spec/pasid/hardware.ts';
import type { Entry, Root } from './machine.ts';

/** What an entry is made of, but for its tag. */
export interface Stages {
  readonly form: EntryForm;
  readonly first: Root | null;
  readonly second: Root | null;
}

/** Whether two pointers lead to the same table. */
export const sameRoot = (a: Root | null, b: Root | null): boolean => {
  if (a === null || b === null) return a === b;
  if (a.of === 'memory') return b.of === 'memory' && a.vm === b.vm;
  if (a.of === 'guest') return b.of === 'guest' && a.table === b.table;
  return b.of === 'shadow' && a.unit === b.unit && a.pasid === b.pasid;
};

/** Whether hardware would read the same. */
export const sameEntry = (a: Entry | null, b: Entry | null): boolean => {
  if (a === null || b === null) return a === b;
  return (
    a.form === b.form && a.domain === b.domain && sameRoot(a.first, b.first) && sameRoot(a.second, b.second)
  );
};

/**
 * One stage that leads to a root of the host's: stage 2 where that has a root for these requests alone, else stage 1, else
 * a root that is shared. Null: an entry cannot say it.
 */
export function oneStage(hardware: IommuHardware, withPasid: boolean, root: Root): Stages | null {
  const forms = withPasid ? hardware.withPasid : hardware.withoutPasid;
  const alone = !withPasid || hardware.stage2Root === 'pasid';
  if (!(forms.includes('second') && alone) && forms.includes('first'))
    return { form: 'first', first: root, second: null };
  return forms.includes('second') ? { form: 'second', first: null, second: root } : null;
}

/** The guest's stage 1 over its memory, or what comes nearest to it. */
export function twoStages(
  hardware: IommuHardware,
  withPasid: boolean,
  vm: number,
  table: number | null,
): Stages | null {
  const forms = withPasid ? hardware.withPasid : hardware.withoutPasid;
  const first: Root | null = table === null ? null : { of: 'guest', table };
  const second: Root = { of: 'memory', vm };
  if (forms.includes('nested')) return { form: 'nested', first, second };
  if (forms.includes('second')) return { form: 'second', first: null, second };
  return forms.includes('first') ? { form: 'first', first: first ?? second, second: null } : null;
}
