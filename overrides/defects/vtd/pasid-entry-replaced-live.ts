import type { Words } from '../../../model/world/command.ts';
import type { Row } from '../../table.ts';

/** Each 64-bit store for itself, with the entry present all the while: the unit reads 512 bits in pieces. */
function updateLive(current: Words, target: Words): readonly Words[] {
  const values: Words[] = [];
  let value = current;
  for (const [word, to] of target.entries()) {
    if (value[word] === to) continue;
    value = value.map((old, index) => (index === word ? to : old));
    values.push(value);
  }
  return values;
}

export const pasidEntryReplacedLive: Row = {
  kind: 'defect',
  summary: 'a replace rewrites a PASID table entry that is present, 64 bits at a time',
  source: 'iommu/vt-d: Fix race condition during PASID entry replacement (CVE-2026-45945)',
  rules: { vtd: { replaceBreaksFirst: false, pasidEntryUpdate: updateLive } },
};
