import type { Answer } from './answer.ts';

const ISOLATED = ['', 'pasid-reaches-own-vm-only', 'holds'] as const;
const AS_ASKED = ['', 'requests-go-where-guest-asked', 'holds'] as const;
const MERGED = ['', 'shadow-equals-merge', 'holds'] as const;

/** D-19 to D-46. */
export const PASID_ANSWERS: Readonly<Record<string, Answer>> = {
  'D-19': {
    answer:
      'Jean-Philippe Brucker is right: slices that share a function without a vIOMMU need a first level for each PASID, and no second.',
    shows: [ISOLATED],
    cells: ['smmuv3/mdev/none'],
    verdicts: ['Holds in every state of the cell.', 'Only to nest (D-41, D-42).'],
  },
  'D-20': {
    answer:
      'Both agree, and are right: on hardware that has nothing but stage 1, slices work with the first level as the IOVA space of each PASID.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['stage-1-only/mdev/none'],
    verdicts: ['Holds.', 'No state of the model speaks for it.'],
  },
  'D-21': {
    answer:
      'Both are right: with one second level for all PASIDs the first level has to be shadowed; with one for each PASID the guest manages its own.',
    shows: [ISOLATED, MERGED],
    cells: ['smmuv3/mdev/translation', 'vt-d3/mdev/translation'],
    verdicts: [
      'Holds for `smmuv3`.',
      'Holds for `vt-d3`, and for `smmu-s2-per-pasid`, an SMMUv3 whose second stage is moved.',
    ],
  },
  'D-22': {
    answer:
      'It is as Jean-Philippe Brucker says, on an SMMU with both stages: a nesting container leaves stage 1 alone, another fills it.',
    shows: [['', 'nesting-container-leaves-stage-1', 'holds']],
    verdicts: ['Holds. Where there is one stage only, both types fill that.', 'Works as well, see D-23.'],
  },
  'D-23': {
    answer:
      'Jean-Philippe Brucker is right: what DMA reaches is the same whichever level is filled, so the distinction matters only to who wants the other level for a guest.',
    shows: [['', 'nesting-container-acts-as-v2', 'holds'], AS_ASKED],
    verdicts: ['Holds: no answer and no page differs.', 'Only to leave a level to a guest.'],
  },
  'D-24': {
    answer:
      'Ashok Raj describes both versions rightly, and it matters: by context entry requests without PASID cannot be nested apart, by PASID entry they can.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['vt-d2/vf/translation', 'vt-d3/vf/translation'],
    verdicts: [
      'It is so, and the cell of `vt-d2` can only be shadowed.',
      'It is so, and the cell of `vt-d3` nests.',
    ],
  },
  'D-25': {
    answer:
      'Jean-Philippe Brucker is right that the attribute chose a stage and promised no more: it could be set where there is nothing to nest with. NEST_PARENT, which came later, is refused there.',
    shows: [['', 'nesting-container-leaves-stage-1', 'holds']],
    verdicts: ['Holds.', 'Not of the attribute; of IOMMU_HWPT_ALLOC_NEST_PARENT it does.'],
  },
  'D-26': {
    answer:
      'A fact about QEMU of 2018, and a harmless choice: to a VMM that does not nest, TYPE1v2 and NESTING cannot be told apart.',
    shows: [['', 'nesting-container-acts-as-v2', 'holds']],
    verdicts: ['Holds.', 'Holds; some drivers refuse the second type.'],
  },
  'D-27': {
    answer:
      "Ashok Raj's worry is right where a device sends requests of several slices without PASID: two slices are enough. It is met where the device tags what each slice sends.",
    shows: [['', 'requests-without-pasid-have-one-mapping', 'holds'], ISOLATED],
    cells: ['vt-d3-untagged/mdev/none', 'vt-d3/mdev/none'],
    verdicts: ['Right for `vt-d3-untagged`.', 'Holds for `vt-d3` and `smmuv3`.'],
  },
  'D-28': {
    answer:
      'The cell says "ok", and is right on all hardware of the derived table: one stage of the host\'s is enough.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['smmuv3/vf/none', 'vt-d2/vf/none', 'vt-d3/vf/none'],
    verdicts: ['Holds.', 'Not so on any hardware of the table.'],
  },
  'D-29': {
    answer:
      'The cell says "shadow or nest", and is right for SMMUv3 and vt-d3. On vt-d2 the function can only be shadowed, which the message says itself below the table.',
    shows: [AS_ASKED, MERGED],
    cells: ['smmuv3/vf/translation', 'vt-d2/vf/translation', 'vt-d3/vf/translation'],
    verdicts: ['Holds for SMMUv3 and vt-d3.', 'Right for vt-d2.'],
  },
  'D-30': {
    answer:
      'The cell says "nest", and is right for SMMUv3 and vt-d3: shadowing works too, at a cost that grows with the address spaces. On vt-d2 a guest that translates everything can only be shadowed.',
    shows: [AS_ASKED, MERGED],
    cells: ['smmuv3/vf/pasids', 'vt-d2/vf/pasids', 'vt-d3/vf/pasids'],
    verdicts: [
      'Holds for SMMUv3 and vt-d3.',
      'Works everywhere; the host writes a descriptor for each page of each address space.',
    ],
  },
  'D-31': {
    answer: 'The cell says "ok", and is right: a table of the host\'s for each substream.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['smmuv3/mdev/none'],
    verdicts: ['Holds.', 'Not so.'],
  },
  'D-32': {
    answer:
      'The cell says "shadow", and is right: nested, two assignments are enough for one machine to reach the other.',
    shows: [ISOLATED, MERGED],
    cells: ['smmuv3/mdev/translation'],
    verdicts: ['Holds.', 'Breaks after two commands.'],
  },
  'D-33': {
    answer:
      'The cell says "shadow + PV (?)", and so does the model: shadowing works if the guest can ask for PASIDs, and the architecture has no way to ask.',
    shows: [ISOLATED, MERGED],
    cells: ['smmuv3/mdev/pasids'],
    verdicts: [
      'Holds with a way to ask, which is the question mark.',
      'Right as far as the architecture goes.',
    ],
  },
  'D-34': {
    answer: 'The cell says "ok", and is right: a second level in the PASID\'s entry.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['vt-d3/mdev/none'],
    verdicts: ['Holds.', 'Not so.'],
  },
  'D-35': {
    answer:
      'The cell says "nest", and is right; shadowing works as well, and costs little with one address space.',
    shows: [ISOLATED, AS_ASKED],
    cells: ['vt-d3/mdev/translation'],
    verdicts: ['Holds.', 'Works too.'],
  },
  'D-36': {
    answer:
      'The cell says "nest + PV", and is right: with PASIDs of its own choice one machine reaches the other after two commands. Where the device translates PASIDs the guest need not ask.',
    shows: [ISOLATED, ['', 'pasid-given-once', 'holds']],
    cells: ['vt-d3/mdev/pasids', 'vt-d3-translated/mdev/pasids'],
    verdicts: ['Holds.', 'Breaks on `vt-d3`; works on `vt-d3-translated`.'],
  },
  'D-37': {
    answer:
      'A report of how things stood in 2018. Both ways work, as D-29 has it; nested translation was brought upstream since.',
    shows: [MERGED, ['', 'invalidated-translation-is-gone', 'holds']],
    cells: ['smmuv3/vf/translation'],
    verdicts: ['Holds.', 'Holds.'],
  },
  'D-38': {
    answer:
      "Jean-Philippe Brucker is right on both: on vt-d2 a request without PASID passes by the guest's tables after three commands, on vt-d3 RID_PASID has it nested.",
    shows: [AS_ASKED],
    cells: ['vt-d2/vf/translation', 'vt-d3/vf/translation'],
    verdicts: ['Holds; the trace is in the cell of `vt-d2`.', 'Holds.'],
  },
  'D-39': {
    answer:
      "Jean-Philippe Brucker describes both rightly, and each is right for its hardware: a table that holds roots of stage 2 has to be the host's, another can be the guest's.",
    shows: [['', 'pasid-table-written-by-owner', 'holds'], AS_ASKED],
    cells: ['smmuv3/vf/pasids', 'vt-d3/vf/pasids'],
    verdicts: ['Holds for a whole function.', 'Holds.'],
  },
  'D-40': {
    answer:
      'A definition, which no run decides. The model has both: a slice, and a function as a whole, and never both of one function.',
    shows: [['', 'requests-without-pasid-have-one-mapping', 'holds']],
    verdicts: ['What the model calls an mdev.', 'In the model that is a VF.'],
  },
  'D-41': {
    answer:
      'Jean-Philippe Brucker is right: nested slices behind one stage 2 break after two commands, the two assignments.',
    shows: [ISOLATED],
    cells: ['smmuv3/mdev/translation'],
    verdicts: [
      'Right; the trace is in the cell.',
      'Only on hardware that does not exist (`smmu-s2-per-pasid`).',
    ],
  },
  'D-42': {
    answer:
      'Jean-Philippe Brucker is right: with a second level for each PASID nested slices stay apart in every state.',
    shows: [ISOLATED, ['', 'free-pasid-leaves-nothing', 'holds']],
    cells: ['vt-d3/mdev/translation'],
    verdicts: ['Holds.', 'No state of the model speaks for it.'],
  },
  'D-43': {
    answer:
      'Jean-Philippe Brucker is right where the device uses the numbers that a guest names. Where it is given others in their place no asking is needed.',
    shows: [['', 'pasid-given-once', 'holds'], ISOLATED],
    cells: ['vt-d3/mdev/pasids', 'vt-d3-translated/mdev/pasids'],
    verdicts: ['Holds for `vt-d3`.', 'Holds for `vt-d3-translated`.'],
  },
  'D-44': {
    answer:
      'As Jean-Philippe Brucker says, vt-d3 has registers for it; without them (vt-d3-no-vcmd) the cell is impossible. Linux 7.2 uses none.',
    shows: [['', 'pasid-given-once', 'holds']],
    cells: ['vt-d3/mdev/pasids', 'vt-d3-no-vcmd/mdev/pasids'],
    verdicts: ['Holds.', 'Any other way would do; the model does not tell them apart.'],
  },
  'D-45': {
    answer:
      "Jean-Philippe Brucker's assumption is exactly what it rests on: safe while the host alone programs PASIDs into the device, and not if a slice may use any.",
    shows: [['', 'slice-uses-given-pasids-only', 'holds'], ISOLATED],
    verdicts: ['Holds.', 'Breaks: `npx nestcheck check --defect slice-uses-any-pasid`.'],
  },
  'D-46': {
    answer:
      "Jean-Philippe Brucker's doubt is about cost, and the cost is real: it can be done rightly, with a trap and a descriptor written for each page that a process maps or unmaps.",
    shows: [MERGED],
    cells: ['smmuv3/vf/pasids'],
    verdicts: ['A judgement; the table counts what it costs.', 'Works.'],
  },
};
