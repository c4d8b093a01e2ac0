import type { Override } from '../model/rules.ts';

/** An override as a row of a table; its name is the key, unless it is chosen by another one. */
export type Row = Omit<Override, 'name'> & { readonly name?: string };

/** The overrides of a topic, by the key of their row. */
export function table<const Rows extends Readonly<Record<string, Row>>>(
  rows: Rows,
): { readonly [Key in keyof Rows]: Override } {
  const named = Object.entries(rows).map(([name, row]) => [name, { name, ...row }] as const);
  // The keys are those of the rows.
  return Object.fromEntries(named) as unknown as { readonly [Key in keyof Rows]: Override };
}

/** The overrides of these tables, in their order. */
export function listed(...tables: readonly Readonly<Record<string, Override>>[]): readonly Override[] {
  return tables.flatMap((rows) => Object.values(rows));
}
