import { updatePasidEntry } from '../../../model/vtd/driver/entry-update.ts';
import type { Words } from '../../../model/world/command.ts';
import type { Row } from '../../table.ts';

/** A teardown zeroes the entry from its last word to its first, which has the present bit. */
function zeroedLive(current: Words, target: Words): readonly Words[] {
  if (target.some((word) => word !== 0n)) return updatePasidEntry(current, target);
  const values: Words[] = [];
  let value = current;
  for (let word = current.length - 1; word >= 0; word--) {
    if (value[word] === 0n) continue;
    value = value.with(word, 0n);
    values.push(value);
  }
  return values;
}

export const pasidEntryZeroedLive: Row = {
  kind: 'defect',
  summary: 'the teardown of a PASID table entry zeroes it 64 bits at a time while it is present',
  source: 'iommu/vt-d: Clear Present bit before tearing down PASID entry (CVE-2026-45894)',
  foundBy: 'table-entry-not-torn',
  rules: { vtd: { pasidEntryUpdate: zeroedLive } },
};
