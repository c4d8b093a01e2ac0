import { RID_PASID } from '../../model/vtd/driver/entries.ts';
import { domainAt } from '../../model/vtd/driver/layout.ts';
import { featuresAt } from '../../model/vtd/driver/probe.ts';
import { sameRef, type Target, targetsOf } from '../../model/vtd/driver/targets.ts';
import { translationOf } from '../../model/vtd/driver/translation.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { HWPT_VTD_S1 } from '../../spec/iommufd/constants.ts';
import { pasidEntry } from '../../spec/vtd/entries.ts';
import { followsVtd, tracksWrites } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** Whether an entry leads to the tables of what is attached. */
function leadsTo(world: World, words: Words, { ref, nested }: Target): boolean {
  const translation = translationOf(words);
  if (world.vtd === null || !('table' in translation)) return false;
  const domain = domainAt(world.vtd.driver, translation.table);
  if (domain === null || !sameRef(domain, ref)) return false;
  return translation.kind === 'nested'
    ? nested !== null && translation.guest === Number(nested.table >> 12n)
    : nested === null;
}

/** Whether an entry of a nested HWPT says of supervisor, accessed and write-protected pages what its owner said. */
function isAsAsked(words: Words, { nested }: Target): boolean {
  if (nested === null) return true;
  const { SRE, EAFE, WPE } = decode(pasidEntry, words);
  const asked = (flag: bigint): number => ((nested.flags / flag) % 2n === 1n ? 1 : 0);
  return SRE === asked(HWPT_VTD_S1.SRE) && EAFE === asked(HWPT_VTD_S1.EAFE) && WPE === asked(HWPT_VTD_S1.WPE);
}

/** Nobody has taken the device from the kernel, whose own domain maps nothing. */
function isUnowned({ platform, groups }: World, device: number): boolean {
  return groups[platform.devices[device]?.group ?? -1]?.domain.kind === 'default';
}

function leadsToHwpt({ vtd }: World, words: Words): boolean {
  const translation = translationOf(words);
  return vtd !== null && 'table' in translation && domainAt(vtd.driver, translation.table) !== null;
}

function wrongEntry(world: World, device: number): string | null {
  const entries = world.vtd?.driver.devices[device]?.entries ?? {};
  const targets = targetsOf(world, device);
  const id = world.platform.devices[device]?.id;
  for (const target of targets) {
    const words = entries[target.pasid];
    if (words === undefined)
      return `HWPT ${target.hwpt.hwpt} is attached at PASID ${target.pasid} of ${id}, which has no entry`;
    if (!leadsTo(world, words, target))
      return `entry ${target.pasid} of ${id} leads elsewhere than to HWPT ${target.hwpt.hwpt}`;
    if (!isAsAsked(words, target))
      return `entry ${target.pasid} of ${id} has other flags than HWPT ${target.hwpt.hwpt}`;
  }
  const unowned = isUnowned(world, device);
  const rid = entries[RID_PASID];
  if (unowned && (rid === undefined || leadsToHwpt(world, rid)))
    return `requests without PASID of ${id}, which nobody owns, ${rid === undefined ? 'have no entry' : 'go to an HWPT'}`;
  const surplus = Object.keys(entries).find(
    (pasid) =>
      !(unowned && Number(pasid) === RID_PASID) && !targets.some((target) => target.pasid === Number(pasid)),
  );
  return surplus === undefined
    ? null
    : `${id} has an entry for PASID ${surplus}, at which nothing is attached`;
}

export const pasidTableIsAttachments: StateProperty = {
  id: 'pasid-table-is-attachments',
  sentence:
    "Each entry of a device's PASID table says what is attached at that PASID. No guest can write an entry.",
  source:
    'seed 002: "on vt-d3 the host manages the PASID table and individual page tables are assigned to the guest"',
  kind: 'state',
  // Where writes are tracked devices are moved, and attached by PASID too seldom to say anything.
  appliesTo: (platform) => followsVtd(platform) && !tracksWrites(platform),
  brokenBy: 'pasid-entry-at-first-pasid',
  violated(world) {
    for (const device of world.platform.devices.keys()) {
      if (world.vtd === null || !featuresAt(world.platform, device).scalable) continue;
      const wrong = wrongEntry(world, device);
      if (wrong !== null) return wrong;
    }
    return null;
  },
  witness: (world) => world.devices.some(({ pasidTable }) => pasidTable.length > 1),
};
