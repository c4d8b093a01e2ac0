import { smmuDriverIntended } from '../../model/smmu/driver/rules.ts';
import type { Words } from '../../model/world/command.ts';
import type { Row } from '../table.ts';

const LOW_HALF = 0xffff_ffffn;

/** A value, and before it what the SMMU sees while only the low halves of its changed doublewords are written. */
function inHalves(before: Words, value: Words): readonly Words[] {
  const half = value.map((word, i) => (word & LOW_HALF) | ((before[i] ?? 0n) & ~LOW_HALF));
  return half.every((word, i) => word === value[i]) ? [value] : [half, value];
}

/** The compiler was free to store a doubleword in two pieces. */
export const steDoublewordTorn: Row = {
  kind: 'defect',
  summary: 'a doubleword of an STE is stored in two halves, and the SMMU can fetch it in between',
  source: 'iommu/arm-smmu-v3: Use WRITE_ONCE() when changing validity of an STE (d71e01716b36)',
  foundBy: 'entry-update-not-torn',
  rules: {
    smmuDriver: {
      steUpdate(current, target) {
        let before = current;
        return smmuDriverIntended.steUpdate(current, target).flatMap((value) => {
          const pieces = inHalves(before, value);
          before = value;
          return pieces;
        });
      },
    },
  },
};
