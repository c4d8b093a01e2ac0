/** A row of the table in the thread, and the hardware that it is about. */
export interface ThreadRow {
  readonly unit: 'vf' | 'mdev';
  /** Names of descriptions (`spec/pasid/descriptions.ts`). */
  readonly hardware: readonly string[];
  /** No vIOMMU; a vIOMMU without PASID; one with. */
  readonly cells: readonly [none: string, translation: string, pasids: string];
}

/** Seed 002_2722f0477c083981, Jean-Philippe Brucker, 2018-09-14: "what we can assign to a guest". */
export const THREAD_TABLE: readonly ThreadRow[] = [
  { unit: 'vf', hardware: ['smmuv3', 'vt-d2', 'vt-d3'], cells: ['ok', 'shadow or nest', 'nest'] },
  { unit: 'mdev', hardware: ['smmuv3'], cells: ['ok', 'shadow', 'shadow + PV (?)'] },
  { unit: 'mdev', hardware: ['vt-d3'], cells: ['ok', 'nest', 'nest + PV'] },
];

/** Where the derived table says something else, and why. */
export const DIFFERENCES: readonly { readonly cell: string; readonly why: string }[] = [
  {
    cell: 'vt-d2/vf/translation',
    why: 'The thread says it below its table: "Vt-d2 didn\'t support nested without PASID". The row is about functions in general, and the cell is right for SMMUv3 and vt-d3.',
  },
  {
    cell: 'vt-d2/vf/pasids',
    why: 'Requests without PASID have no first stage on vt-d2, and the one root of stage 2 serves them and the nested PASIDs alike. A guest that translates both cannot be nested. It could be if it left requests without PASID alone; the cell asks for both.',
  },
  {
    cell: 'vt-d3/mdev/translation',
    why: "Shadowing works there as well: the table that the VMM keeps goes into the PASID's entry. The thread names the better way; the derived cell names both, because with one address space neither grows.",
  },
];
